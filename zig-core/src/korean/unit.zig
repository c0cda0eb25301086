//! Units of measurement: kg, km/h, ㎡, ℃, %.

const text = @import("text.zig");
const Reader = text.Reader;
const Words = text.Words;

pub const currencies = "$|_달러 US$|_달러 €|_유로 £|_파운드 ¥|_엔 ₩|_원";

/// Compatibility squares and other signs as the letters that they stand for; `*` is the degree.
const signs = "㎏|kg ㎞|km ㎝|cm ㎜|mm ㎖|ml ㎎|mg ㎡|m2 ㎢|km2 ㎥|m3 ㎤|cm3 ㎍|ug " ++
    "㎐|Hz ㎒|MHz ㎓|GHz ㎾|kW ㎿|MW ㎈|cal ㎉|kcal ㏄|cc ㏈|dB " ++
    "㏊|ha ㎛|um °|* ℃|*C ℉|*F ‰|%% µ|u μ|u ℓ|l ²|2 ³|3";

/// Units that take a prefix or none, and those that take one.
const base_names = "g|그램 m|미터 l|리터 L|리터 V|볼트 W|와트 Wh|와트시 J|줄 Hz|헤르츠 Pa|파스칼 cal|칼로리 bps|비피에스 s|초";
const prefixed_names = "B|바이트 b|비트 A|암페어 Ah|암페어시";
const whole_names = "%|퍼센트 %p|퍼센트포인트 %P|퍼센트포인트 %%|퍼밀 *|도 *C|도 *F|도 t|톤 cc|시시 px|픽셀 dB|데시벨 " ++
    "mmHg|밀리미터_수은주 ha|헥타르 fps|에프피에스 rpm|알피엠 ppm|피피엠 KG|킬로그램 KM|킬로미터 CM|센티미터 " ++
    "G|기가 T|테라 M|미터 h|시간 min|분";
const prefix_names = "k|킬로 K|킬로 M|메가 G|기가 T|테라 h|헥토 d|데시 c|센티 m|밀리 u|마이크로 n|나노";

pub const Unit = struct {
    end: usize = 0,
    name: Name = .{},
    /// What is said before the number: 섭씨, 시속.
    before: ?Words = null,
    /// The unit of which there is a number per one: 35㎍/㎥.
    per: Name = .{},
    /// Degrees below zero are 영하.
    is_degree: bool = false,

    /// What is said before the number; after 시속, 영하 … nothing has to be.
    pub noinline fn sayBefore(self: *const Unit, r: *Reader, at: usize) void {
        if (self.per.base != null) {
            self.per.say(r);
            r.say("당");
        } else if (!r.before(at, "영하 영상 섭씨 화씨 시속 초속 분속")) r.sayWords(self.before);
    }
};

const Name = struct {
    /// 제곱, 세제곱
    power: ?Words = null,
    prefix: ?Words = null,
    base: ?Words = null,

    pub noinline fn say(self: *const Name, r: *Reader) void {
        r.say("_");
        r.sayWords(self.power);
        r.sayWords(self.prefix);
        r.sayWords(self.base);
    }

    /// Finds the unit that is all between two places.
    noinline fn find(self: *Name, r: *Reader, at: usize, end: usize) bool {
        var name_end = end;
        if (end >= at + 2 and r.charAt(end - 2) == 'm' and r.match(end - 1, "2|제곱 3|세제곱") > 0) {
            self.power = r.value;
            name_end -= 1;
        }
        var base = at;
        if (r.match(at, whole_names) != name_end and r.match(at, base_names) != name_end) {
            base = r.match(at, prefix_names);
            self.prefix = r.value;
            if (base == 0) return false;
            if (r.match(base, base_names) != name_end and r.match(base, prefixed_names) != name_end) return false;
        }
        self.base = r.value;
        return true;
    }
};

/// The unit at a place that no letter or digit follows.
pub noinline fn unitAt(r: *Reader, at: usize, unit: *Unit) bool {
    unit.* = .{ .end = r.match(at, currencies) };
    if (unit.end > 0) {
        unit.name.base = r.value;
        return true;
    }
    // The unit in letters, read by a reader of its own.
    var letters: [10]u8 = undefined;
    var length: usize = 0;
    var slash: usize = 0;
    var end = at;
    while (true) {
        const c = r.charAt(end);
        const next = r.next(end);
        const piece: [2]u8 = .{ @truncate(c), 0 };
        var letter: Words = &piece;
        if (r.match(end, signs) > 0) {
            letter = r.value.?;
        } else if (!text.isLatin(c) and r.match(end, "% 2 3 /") == 0) break;
        if (c == '/' and r.hangulAt(next)) break;
        while (letter[0] > ' ') : (letter += 1) {
            if (length == letters.len) return false;
            if (letter[0] == '/') slash = length;
            letters[length] = letter[0];
            length += 1;
        }
        end = next;
    }
    if (length == 0 or r.digitAt(end)) return false;
    unit.end = end;
    var inner: Reader = .{ .block = letters[0..length], .spoken = r.spoken };
    const name_end = if (slash > 0) slash else length;
    if (!unit.name.find(&inner, 0, name_end)) return false;
    unit.is_degree = letters[0] == '*';
    if (unit.is_degree and inner.match(0, "*C|_섭씨 *F|_화씨") > 0) unit.before = inner.value;
    // Times are only units in km/h and the like; 5s and 3h are names as often.
    if (slash == 0) return inner.match(0, "h s min") != length;
    if (letters[slash - 1] == 'm' and inner.match(slash + 1, "h|_시속 s|_초속 min|_분속") == length) {
        unit.before = inner.value;
        return true;
    }
    return unit.per.find(&inner, slash + 1, length);
}
