//! What stands behind a number decides how it is read: 세 개, 삼 층, 유월, 삼이, 삼 킬로그램.

const std = @import("std");
const Spoken = @import("spoken.zig").Spoken;
const numbers = @import("korean_number.zig");
const Number = numbers.Number;
const text = @import("korean_text.zig");
const units = @import("korean_unit.zig");

/// Counters that native numerals stand before, up to the greatest number that people say so.
/// Any other word has a Sino-Korean number before it.
const native = [_]struct { max: u16, list: []const u8 }{
    .{ .max = 99, .list = "개 명 사람 마리 권 장 병 잔 살 대 채 벌 켤레 송이 그루 자루 통 봉지 봉 그릇 번째 가지 곳 달 쌍 척 " ++
        "갈래 끼 모금 바퀴 줄 칸 판 큰술 작은술 숟가락 스푼 컵 공기 모 알 톨 조각 토막 덩이 덩어리 접시 상자 박스 묶음 다발 " ++
        "포기 방울 꼬집 줌 국자 경기 골 게임 건 종류 군데 글자 단어 문장 편 곡 팀 나라 도시 가구 집 식구 자리 차례 걸음 " ++
        "발자국 겹 캔 팩 캡슐 근 말 입 시즌 뿌리 쪽 부 분 꼭지 마디 뭉치 사발 갑 되 필 손가락 시도" },
    .{ .max = 23, .list = "시간" },
    .{ .max = 20, .list = "번" },
    .{ .max = 19, .list = "배" },
    .{ .max = 12, .list = "시" },
};

/// What a particle or suffix behind a counter begins with; other syllables make another word of it
/// (개발, 시장, 대표).
const followers = "은 는 이 가 을 를 에 의 로 으 와 과 도 만 까 부 보 씩 쯤 간 째 여 정 들 나 라 랑 하 밖 마 조 뿐 입 였 인 일 께 서 지 " ++
    "중 당 짜 치 전 후 내 외 분 반 꼴 처 같 된 다 요 예 고 면 며 죠 네";

/// Particles that one syllable makes, and beginnings of longer ones.
const short_particles = "은 는 이 가 을 를 에 의 와 과 로 나 라 랑 요 임 다 도";
const particles = "까지 부터 보다 에서 에는 에도 에게 으로 이다 이며 이고 이라 입니 이나 이란 이었 였다 라는 라고 처럼 만큼 하고 이랑 " ++
    "밖에 이면 이지 인데 이에 로는 로서 과는 와는 이요 예요 다음 마다";
/// Nouns that are one word with the number.
const glued_nouns = "자 사 루 인칭 대강";

pub const Kind = enum { none, native, month, glued, spaced, unit };

pub const Tail = struct {
    kind: Kind,
    /// The counter alone, and the whole run with what is attached to it. A counter behind a space
    /// is no part of the form: `end` is the number's.
    counter_end: usize,
    end: usize,
    unit: units.Unit = undefined,
};

pub noinline fn tailOf(block: []const u8, number: *const Number) Tail {
    const at = number.end;
    const none: Tail = .{ .kind = .none, .counter_end = at, .end = at };
    if (units.unitAt(block, at)) |unit| {
        return .{ .kind = .unit, .counter_end = unit.end, .end = text.hangulEnd(block, unit.end), .unit = unit };
    }
    const run_end = text.hangulEnd(block, at);
    if (run_end == at) {
        const next = text.skipSpace(block, at);
        if (next == at) return none;
        if (units.unitAt(block, next)) |unit| if (!isDoubtful(block[next..unit.end])) {
            return .{ .kind = .unit, .counter_end = unit.end, .end = text.hangulEnd(block, unit.end), .unit = unit };
        };
        if (nativeCounter(block, number, next) == null) return none;
        return .{ .kind = .native, .counter_end = at, .end = at };
    }
    const run = block[at..run_end];
    if (text.startsWith(run, "월") and number.small() >= 1 and number.small() <= 12 and
        isFollowed(run[3..]))
    {
        return .{ .kind = .month, .counter_end = at + 3, .end = run_end };
    }
    if (nativeCounter(block, number, at)) |end| {
        return .{ .kind = .native, .counter_end = end, .end = run_end };
    }
    const kind: Kind = if (isGlued(block, run_end, run, number)) .glued else .spaced;
    return .{ .kind = kind, .counter_end = run_end, .end = run_end };
}

/// Single letters apart from the number are more often names.
fn isDoubtful(bytes: []const u8) bool {
    return bytes.len == 1 and !text.isOneOf("% g m l L W V $", bytes);
}

fn isFollowed(rest: []const u8) bool {
    return rest.len == 0 or text.beginsWithOneOf(followers, rest);
}

fn isGlued(block: []const u8, run_end: usize, run: []const u8, number: *const Number) bool {
    // 3분의 1; but 3분의 시간.
    if (text.equals(run, "분의")) {
        return text.digitAt(block, text.skipSpace(block, run_end));
    }
    // A degree, but for the saying 1도 없다.
    if (text.equals(run, "도")) {
        return number.small() == 1 and text.beginsWithOneOf("없 모르 몰 안 못 아니 관심", block[text.skipSpace(block, run_end)..]);
    }
    return isParticle(run);
}

/// Whether a run is a particle, or a noun that is one word with the number.
pub noinline fn isParticle(run: []const u8) bool {
    if (text.isOneOf(short_particles, run) or text.beginsWithOneOf(particles, run)) return true;
    const noun = text.longest(glued_nouns, run);
    return noun > 0 and isFollowed(run[noun..]);
}

/// The end of the counter at a place when the number is native before it.
noinline fn nativeCounter(block: []const u8, number: *const Number, at: usize) ?usize {
    if (number.is_sino or number.hasDecimals() or number.groups[0] == 0) return null;
    const before = block[0..number.start];
    const rest = block[at..text.hangulEnd(block, at)];
    var length: usize = 0;
    var max: u16 = 0;
    for (native) |entry| {
        const found = text.longest(entry.list, rest);
        if (found > length) {
            length = found;
            max = entry.max;
        }
    }
    if (length == 0) return null;
    // 제3장 is a name.
    if (text.endsWith(before, "제")) return null;
    const value = number.small();
    if (max < 99 and value > max) return null;
    if (!isFollowed(rest[length..])) return null;
    const place: Place = .{
        .before = before,
        .counter = rest[0..length],
        .attached = rest[length..],
        .after = block[text.skipSpace(block, at + rest.len)..],
        .value = value,
    };
    return if (place.isNative()) at + length else null;
}

/// The neighbourhood of a counter that has two readings.
const Place = struct {
    before: []const u8,
    counter: []const u8,
    attached: []const u8,
    after: []const u8,
    value: u16,

    fn isNative(self: *const Place) bool {
        const index = for ([_][]const u8{ "번", "대", "분", "부", "쪽", "장" }, 0..) |counter, k| {
            if (text.equals(counter, self.counter)) break k;
        } else return true;
        return switch (index) {
            0 => self.isTimes(),
            1 => self.isMachines(),
            2 => text.startsWith(self.attached, "께") or
                (self.value <= 20 and text.endsInOneOf("손님 고객 고객님 선생님 어르신 부모님 어른 님", self.before)),
            3 => text.endsInOneOf("서류 신문 복사본 사본 원서 신청서 이력서 계약서 각", self.before),
            4 => text.endsInOneOf("마늘 생강 사과 귤 배", self.before),
            // 2장 3절
            else => !(self.attached.len == 0 and text.digitAt(self.after, 0)),
        };
    }

    /// 세 번 rather than 삼 번.
    fn isTimes(self: *const Place) bool {
        if (text.endsInOneOf("정답은 정답 답은 답 기호 문제 버스 등번호 선택지 보기 채널 국도 번호 교향곡 소나타 협주곡", self.before)) return false;
        if (self.attached.len > 0) {
            return text.beginsWithOneOf("이나 이라도 이상", self.attached) or
                !text.beginsWithOneOf("으로 부터 까지 을 이 과 와 입니 인 지", self.attached);
        }
        return !text.beginsWithOneOf("출구 문제 버스 선수 타자 투수 국도 고속 지방도 홈 게이트 창구 트랙 채널 카드 방 좌석 자리 코스 레인 " ++
            "확진자 환자 후보 교향곡 척추 경추 요추 염색체 노선 승강장 플랫폼 사물함 테이블 마을버스 질문 아이언 우드 훈련병 참가자 포트 " ++
            "항목 보기 답 정답 선택지", self.after);
    }

    /// 세 대 rather than 삼 대 (generations, scores, the three great …) or 이십 대 (ages).
    fn isMachines(self: *const Place) bool {
        if (text.digitAt(self.after, 0)) return false;
        if (text.endsInOneOf("차 차량 비행기 항공기 전투기 헬기 기기 세탁기 복사기 버스 택시 트럭 컴퓨터 노트북 폰 드론 로봇 자전거 오토바이 서버 카메라 " ++
            "장비 피아노 에어컨 냉장고 태블릿 모니터", self.before)) return true;
        if (self.value % 10 == 0 and self.value < 100) return false;
        return self.attached.len > 0 or !text.isHangul(text.charAt(self.after, 0).c);
    }
};

/// Says a number with its tail.
pub noinline fn say(block: []const u8, number: *const Number, tail: *const Tail, spoken: *Spoken) void {
    if (tail.kind == .unit) tail.unit.sayBefore(block[0..number.start], spoken);
    const rest = block[number.end..tail.end];
    switch (number.sign) {
        .none => {},
        .plus => spoken.word("플러스"),
        .either => spoken.word("플러스마이너스"),
        .minus => {
            const is_degree = if (tail.kind == .unit) tail.unit.isDegree() else text.startsWith(rest, "도");
            spoken.word(if (is_degree) "영하" else "마이너스");
        },
    }
    switch (tail.kind) {
        .month => numbers.sayMonth(number.small(), spoken),
        .native => sayNative(block, number, spoken),
        else => saySino(block, number, rest, spoken),
    }
    switch (tail.kind) {
        .none => {},
        .month => spoken.glue(rest[3..]),
        .unit => {
            tail.unit.name.say(spoken);
            spoken.glue(block[tail.counter_end..tail.end]);
        },
        .glued => spoken.glue(rest),
        .native => if (rest.len > 0) spoken.word(rest),
        .spaced => {
            // 이십여 개
            const more = text.startsWith(rest, "여");
            if (more) spoken.glue("여");
            const word = rest[if (more) 3 else 0..];
            if (word.len > 0) spoken.word(word);
        },
    }
}

fn sayNative(block: []const u8, number: *const Number, spoken: *Spoken) void {
    if (number.small() == 1 and text.startsWith(block[text.skipSpace(block, number.end)..], "번째")) {
        return spoken.word("첫");
    }
    numbers.sayNative(number, spoken);
}

fn saySino(block: []const u8, number: *const Number, rest: []const u8, spoken: *Spoken) void {
    const tail = if (rest.len > 0) rest else block[text.skipSpace(block, number.end)..];
    var plain = number.*;
    // Two digits with a zero are a time of day or a day; two digits are a year of entry.
    if (number.count == 2 and text.beginsWithOneOf("시 분 초 일", tail)) plain.is_string = false;
    if (number.count == 2 and text.startsWith(tail, "학번")) plain.is_string = true;
    numbers.saySino(block, &plain, spoken);
}

/// Says the first of a range with what it takes from the second's tail: 세 개에서, 유월에서, 십에서.
pub fn sayFirstOfRange(block: []const u8, first: *const Number, second: *const Number, tail: *const Tail, spoken: *Spoken) void {
    switch (tail.kind) {
        .native => {
            numbers.sayNative(first, spoken);
            const at = text.skipSpace(block, second.end);
            spoken.word(block[at .. nativeCounter(block, second, at) orelse at]);
        },
        .month => numbers.sayMonth(first.small(), spoken),
        else => numbers.saySino(block, first, spoken),
    }
    spoken.glue("에서");
}
