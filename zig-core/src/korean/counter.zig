//! What stands behind a number decides how it is read: 세 개, 삼 층, 유월, 삼이, 삼 킬로그램.

const numbers = @import("number.zig");
const Number = numbers.Number;
const text = @import("text.zig");
const Reader = text.Reader;
const units = @import("unit.zig");

/// Counters that native numerals stand before, with the greatest number that people say so when it
/// is below 99. Any other word has a Sino-Korean number before it.
const native = "개 명 사람 마리 권 장 병 잔 살 대 채 벌 켤레 송이 그루 자루 통 봉지 봉 그릇 번째 가지 곳 달 쌍 척 " ++
    "갈래 끼 모금 바퀴 줄 칸 판 큰술 작은술 숟가락 스푼 컵 공기 모 알 톨 조각 토막 덩이 덩어리 접시 상자 박스 묶음 다발 " ++
    "포기 방울 꼬집 줌 국자 경기 골 게임 건 종류 군데 글자 단어 문장 편 곡 팀 나라 도시 가구 집 식구 자리 차례 걸음 " ++
    "발자국 겹 캔 팩 캡슐 근 말 입 시즌 뿌리 쪽 부 분 꼭지 마디 뭉치 사발 갑 되 필 손가락 시도 시간|23 번|20 배|19 시|12";

/// What a particle or suffix behind a counter begins with; other syllables make another word of it
/// (개발, 시장, 대표).
const followers = "은 는 이 가 을 를 에 의 로 으 와 과 도 만 까 부 보 씩 쯤 간 째 여 정 들 나 라 랑 하 밖 마 조 뿐 입 였 인 일 께 서 지 " ++
    "중 당 짜 치 전 후 내 외 분 반 꼴 처 같 된 다 요 예 고 면 며 죠 네";

pub const Kind = enum { none, native, month, glued, spaced, unit };

pub const Tail = struct {
    kind: Kind = .none,
    /// The counter alone, and the whole run with what is attached to it. A counter behind a space
    /// is no part of the form: `end` is the number's.
    counter_end: usize = 0,
    end: usize = 0,
    unit: units.Unit = .{},
};

pub noinline fn tailOf(r: *Reader, number: *const Number, tail: *Tail) void {
    const at = number.end;
    const run_end = r.hangulEnd(at);
    const next = r.skipSpace(at);
    tail.* = .{ .counter_end = run_end, .end = run_end };
    if (units.unitAt(r, next, &tail.unit) and (next == at or !isDoubtful(r, next, tail.unit.end))) {
        tail.kind = .unit;
        tail.counter_end = tail.unit.end;
        tail.end = r.hangulEnd(tail.unit.end);
    } else if (r.charAt(at) == '월' and number.small() -% 1 < 12 and isFollowed(r, at + 3)) {
        tail.kind = .month;
        tail.counter_end = at + 3;
    } else {
        const end = nativeCounter(r, number, next);
        if (end > 0) {
            tail.kind = .native;
            if (next == at) tail.counter_end = end;
        } else if (run_end > at) tail.kind = if (isGlued(r, at, run_end, number)) .glued else .spaced;
    }
}

/// Single letters apart from the number are more often names.
fn isDoubtful(r: *Reader, at: usize, end: usize) bool {
    return end == at + 1 and r.match(at, "% g m l L W V $") == 0;
}

noinline fn isFollowed(r: *Reader, at: usize) bool {
    return !r.hangulAt(at) or r.match(at, followers) > 0;
}

fn isGlued(r: *Reader, at: usize, end: usize, number: *const Number) bool {
    const after = r.skipSpace(end);
    // 3분의 1; but 3분의 시간.
    if (r.match(at, "분의") == end) return r.digitAt(after);
    // A degree, but for the saying 1도 없다.
    if (r.match(at, "도") == end) return number.small() == 1 and r.match(after, "없 모르 몰 안 못 아니 관심") > 0;
    return isParticle(r, at, end);
}

/// Whether a run is a particle, or a noun that is one word with the number.
noinline fn isParticle(r: *Reader, at: usize, end: usize) bool {
    if (r.match(at, "은 는 이 가 을 를 에 의 와 과 로 나 라 랑 요 임 다 도") == end) return true;
    if (r.match(at, "까지 부터 보다 에서 에는 에도 에게 으로 이다 이며 이고 이라 입니 이나 이란 이었 였다 라는 라고 처럼 만큼 하고 이랑 " ++
        "밖에 이면 이지 인데 이에 로는 로서 과는 와는 이요 예요 다음 마다") > 0) return true;
    const noun = r.match(at, "자 사 루 인칭 대강");
    return noun > 0 and isFollowed(r, noun);
}

/// Glues a particle and sets another word apart.
pub noinline fn follow(r: *Reader, at: usize) usize {
    const end = r.hangulEnd(at);
    return if (isParticle(r, at, end)) r.glueHangul(at) else r.sayHangul(at);
}

/// The end of the counter at a place when the number is native before it.
noinline fn nativeCounter(r: *Reader, number: *const Number, at: usize) usize {
    if (number.is_sino or number.decimals > 0 or number.value == 0) return 0;
    const end = r.match(at, native);
    if (end == 0) return 0;
    if (r.value) |max| {
        if (number.value > (max[0] - '0') * 10 + (max[1] - '0')) return 0;
    }
    return if (isFollowed(r, end) and isNative(r, number, at, end)) end else 0;
}

/// Decides where a counter has two readings.
fn isNative(r: *Reader, number: *const Number, at: usize, end: usize) bool {
    // 제3장 is a name.
    if (number.start >= 3 and r.charAt(number.start - 3) == '제') return false;
    if (end != at + 3) return true;
    const is_alone = !r.hangulAt(end);
    const after = r.skipSpace(r.hangulEnd(end));
    return switch (r.charAt(at)) {
        // 세 번 rather than 삼 번.
        '번' => !r.before(number.start, "정답은 정답 답은 답 기호 문제 버스 등번호 선택지 보기 채널 국도 번호 교향곡 소나타 협주곡") and
            if (is_alone)
                r.match(after, "출구 문제 버스 선수 타자 투수 국도 고속 지방도 홈 게이트 창구 트랙 채널 카드 방 좌석 자리 코스 레인 확진자 환자 " ++
                    "후보 교향곡 척추 경추 요추 염색체 노선 승강장 플랫폼 사물함 테이블 마을버스 질문 참가자 포트 항목 보기 답 정답 선택지") == 0
            else
                r.match(end, "이나 이라도 이상") > 0 or r.match(end, "으로 부터 까지 을 이 과 와 입니 인 지") == 0,
        // 세 대 rather than 삼 대 (generations, scores, the three great …) or 이십 대 (ages).
        '대' => !r.digitAt(after) and
            (r.before(number.start, "차 차량 비행기 항공기 전투기 헬기 기기 세탁기 복사기 버스 택시 트럭 컴퓨터 노트북 폰 드론 로봇 자전거 오토바이 " ++
                "서버 카메라 장비 피아노 에어컨 냉장고 태블릿 모니터") or
                ((number.value % 10 != 0 or number.value >= 100) and !(is_alone and r.hangulAt(after)))),
        '분' => r.charAt(end) == '께' or
            (number.value <= 20 and r.before(number.start, "손님 고객 어르신 어른 님")),
        '부' => r.before(number.start, "서류 신문 복사본 사본 원서 신청서 이력서 계약서 각"),
        '쪽' => r.before(number.start, "마늘 생강 사과 귤 배"),
        // 2장 3절
        '장' => !(is_alone and r.digitAt(after)),
        else => true,
    };
}

/// Says a number with what stands behind it.
pub noinline fn read(r: *Reader, number: *Number) usize {
    var tail: Tail = undefined;
    tailOf(r, number, &tail);
    return say(r, number, &tail);
}

/// Says a number with its tail.
pub noinline fn say(r: *Reader, number: *Number, tail: *const Tail) usize {
    const at = number.end;
    tail.unit.sayBefore(r, number.start);
    const is_degree = tail.unit.is_degree or r.charAt(at) == '도';
    if (number.sign == .minus and is_degree) {
        r.say("_영하");
    } else if (number.sign != .none) r.sayEntry("_플러스 _마이너스 _플러스마이너스", @backingInt(number.sign) - 1);
    var rest = at;
    switch (tail.kind) {
        .month => {
            numbers.sayMonth(r, number.value);
            rest += 3;
        },
        .native => {
            if (number.value == 1 and r.match(r.skipSpace(at), "번째") > 0) {
                r.say("_첫");
            } else numbers.sayNative(r, number.value);
            if (tail.end > at) r.say("_");
        },
        else => {
            sayPlain(r, number);
            if (tail.kind == .unit) {
                tail.unit.name.say(r);
                rest = tail.counter_end;
            } else if (tail.kind == .spaced) {
                // 이십여 개
                if (r.charAt(at) == '여') {
                    r.say("여");
                    rest += 3;
                }
                return r.sayHangul(rest);
            }
        },
    }
    r.copy(rest, tail.end);
    return tail.end;
}

/// Two digits with a zero are a time of day or a day; two digits are a year of entry.
fn sayPlain(r: *Reader, number: *Number) void {
    const tail = r.skipSpace(number.end);
    if (number.count == 2) {
        if (r.match(tail, "시 분 초 일") > 0) number.is_string = false;
        if (r.match(tail, "학번") > 0) number.is_string = true;
    }
    numbers.saySino(r, number);
}

/// Says the first of a range with what it takes from the second's tail: 세 개에서, 유월에서, 십에서.
pub noinline fn sayFirstOfRange(r: *Reader, first: *const Number, second: *const Number, tail: *const Tail) void {
    switch (tail.kind) {
        .native => {
            numbers.sayNative(r, first.value);
            const at = r.skipSpace(second.end);
            r.say("_");
            r.copy(at, @max(at, nativeCounter(r, second, at)));
        },
        .month => numbers.sayMonth(r, first.value),
        else => numbers.saySino(r, first),
    }
    r.say("에서");
}
