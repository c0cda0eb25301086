//! Units of measurement and currencies: kg, km/h, ㎡, ℃, %, $.

const std = @import("std");
const Spoken = @import("spoken.zig").Spoken;
const text = @import("korean_text.zig");

/// Compatibility squares and other signs as the letters that they stand for; `*` is the degree.
const signs = "㎏=kg ㎞=km ㎝=cm ㎜=mm ㎖=ml ㎎=mg ㎡=m2 ㎢=km2 ㎥=m3 ㎤=cm3 ㎠=cm2 ㎍=ug ㎘=kl ㎗=dl " ++
    "㎐=Hz ㎑=kHz ㎒=MHz ㎓=GHz ㎾=kW ㎿=MW ㎅=KB ㎆=MB ㎇=GB ㎈=cal ㎉=kcal ㏄=cc ㏈=dB ㎧=m/s " ++
    "㎩=Pa ㎪=kPa ㎫=MPa ㏊=ha ㎛=um ㎚=nm ㎃=mA ㎸=kV °=* ℃=*C ℉=*F ‰=‰ µ=u μ=u ℓ=l ²=2 ³=3";

const whole_names = "%=퍼센트 %p=퍼센트포인트 %P=퍼센트포인트 ‰=퍼밀 *=도 *C=도 *F=도 g=그램 m=미터 l=리터 L=리터 " ++
    "t=톤 V=볼트 W=와트 Wh=와트시 J=줄 Hz=헤르츠 Pa=파스칼 cal=칼로리 bps=비피에스 cc=시시 px=픽셀 " ++
    "mmHg=밀리미터_수은주 ha=헥타르 ft=피트 lb=파운드 oz=온스 fps=에프피에스 rpm=알피엠 bpm=비피엠 ppm=피피엠 " ++
    "dpi=디피아이 KG=킬로그램 KM=킬로미터 CM=센티미터 MM=밀리미터 ML=밀리리터 G=기가 T=테라 M=미터 " ++
    "h=시간 s=초 min=분";

/// What stands behind a prefix.
const base_names = "g=그램 m=미터 l=리터 L=리터 B=바이트 V=볼트 W=와트 Wh=와트시 A=암페어 Ah=암페어시 J=줄 " ++
    "Hz=헤르츠 Pa=파스칼 cal=칼로리 bps=비피에스 b=비트 s=초 eV=전자볼트";

const prefix_names = "k=킬로 K=킬로 M=메가 G=기가 T=테라 h=헥토 d=데시 c=센티 m=밀리 u=마이크로 n=나노";

const currencies = "$=달러 €=유로 £=파운드 ￡=파운드 ¥=엔 ￥=엔 ₩=원 ￦=원";

pub const Unit = struct {
    /// What stands before the number, or empty: 섭씨, 시속; the unit of which there is a number per
    /// one (35㎍/㎥) is told by `per`.
    before: []const u8 = "",
    name: Name,
    per: ?Name = null,
    end: usize,

    /// Degrees below zero are 영하.
    pub fn isDegree(self: *const Unit) bool {
        return text.equals(self.name.base, "도");
    }

    /// What is said before the number; after 시속, 영하 … nothing has to be.
    pub fn sayBefore(self: *const Unit, block_before: []const u8, spoken: *Spoken) void {
        if (self.per) |per| {
            per.say(spoken);
            spoken.glue("당");
        } else if (self.before.len > 0 and !text.endsInOneOf("영하 영상 섭씨 화씨 시속 초속 분속", block_before)) {
            spoken.word(self.before);
        }
    }
};

const Name = struct {
    /// 제곱, 세제곱
    power: []const u8 = "",
    prefix: []const u8 = "",
    base: []const u8,

    pub fn say(self: *const Name, spoken: *Spoken) void {
        spoken.word(self.power);
        spoken.glue(self.prefix);
        text.glueWords(self.base, spoken);
    }
};

pub noinline fn currencyAt(block: []const u8, at: usize) ?struct { name: []const u8, end: usize } {
    const end = if (at < block.len) text.charAt(block, at).end else return null;
    const name = text.lookUp(currencies, block[at..end]) orelse return null;
    return .{ .name = name, .end = end };
}

/// The unit at a place that no letter or digit follows.
pub noinline fn unitAt(block: []const u8, at: usize) ?Unit {
    if (currencyAt(block, at)) |currency| {
        return .{ .name = .{ .base = currency.name }, .end = currency.end };
    }
    var buffer: [10]u8 = undefined;
    var length: usize = 0;
    var end = at;
    while (true) {
        const next = text.charAt(block, end);
        var one: [1]u8 = undefined;
        const piece = if (next.c == 0) break else if (next.c >= 0x80)
            text.lookUp(signs, block[end..next.end]) orelse break
        else if (text.isLatin(next.c) or next.c == '%' or
            (next.c == '/' and length > 0 and !text.isHangul(text.charAt(block, next.end).c)) or
            ((next.c == '2' or next.c == '3') and length > 0 and buffer[length - 1] == 'm'))
        piece: {
            one[0] = @intCast(next.c);
            break :piece one[0..];
        } else break;
        if (piece.len > buffer.len - length) return null;
        @memcpy(buffer[length..][0..piece.len], piece);
        length += piece.len;
        end = next.end;
    }
    const after = text.charAt(block, end).c;
    if (text.isDigit(after)) return null;
    const slash = text.indexOf(buffer[0..length], '/') orelse length;
    const key = buffer[0..slash];
    const name = nameOf(key) orelse return null;
    var unit: Unit = .{ .name = name, .end = end };
    if (slash < length) {
        const per = buffer[slash + 1 .. length];
        const speed = if (text.endsWith(key, "m")) text.lookUp("h=시속 s=초속 min=분속", per) else null;
        if (speed) |word| unit.before = word else unit.per = nameOf(per) orelse return null;
    } else if (key[0] == '*') {
        unit.before = text.lookUp("*C=섭씨 *F=화씨", key) orelse "";
    } else if (isOneOfTimes(key)) return null;
    return unit;
}

/// Times are only units in km/h and the like; 5s and 3h are names as often.
fn isOneOfTimes(key: []const u8) bool {
    return text.isOneOf("h s min", key);
}

noinline fn nameOf(key: []const u8) ?Name {
    if (key.len == 0) return null;
    const power: []const u8 = switch (key[key.len - 1]) {
        '2' => "제곱",
        '3' => "세제곱",
        else => "",
    };
    const plain = if (power.len > 0) key[0 .. key.len - 1] else key;
    if (power.len > 0 and !text.endsWith(plain, "m")) return null;
    if (text.lookUp(whole_names, plain)) |base| return .{ .power = power, .base = base };
    if (text.equals(plain, "dB")) return .{ .base = "데시벨" };
    if (plain.len < 2) return null;
    const prefix = text.lookUp(prefix_names, plain[0..1]) orelse return null;
    const base = text.lookUp(base_names, plain[1..]) orelse return null;
    return .{ .power = power, .prefix = prefix, .base = base };
}
