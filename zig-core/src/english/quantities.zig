//! English numbers with what they count: units, money, fractions, ranges, operators.

const scan = @import("scan.zig");
const numbers = @import("numbers.zig");
const dates = @import("dates.zig");
const web = @import("web.zig");
const words = @import("words.zig");
const Numeral = numbers.Numeral;
const Reader = scan.Reader;
const Words = scan.Words;

// Nouns.

/// Says a noun. Its plural has an s at the end, unless it is marked: what is in round brackets is of
/// the plural, what is in angle brackets of the singular.
noinline fn noun(r: *const Reader, name: Words, is_plural: bool) void {
    r.say("");
    gluedNoun(r, name, is_plural);
}

noinline fn gluedNoun(r: *const Reader, name: Words, is_plural: bool) void {
    var is_marked = false;
    var is_shown = true;
    var at: usize = 0;
    while (!scan.isEnd(name[at])) : (at += 1) switch (name[at]) {
        '(' => {
            is_marked = true;
            is_shown = is_plural;
        },
        '<' => is_shown = !is_plural,
        ')', '>' => is_shown = true,
        else => |letter| if (is_shown) r.glueByte(letter),
    };
    if (is_plural and !is_marked) r.glue("s");
}

// Units.

/// `symbol=noun` or, where prefixes may stand before, `symbol=prefixes;noun`; with `!` they must.
const units = "g=kmn;gram|mcg=microgram|lb=pound|lbs=pound|oz=ounce|fl oz=fluid ounce|" ++
    "fl. oz=fluid ounce|m=kcmn;meter|mi=mile|ft=f<oo>(ee)t|in=inch(es)|yd=yard|yds=yard|" ++
    "L=md;liter|l=mdc;liter|gal=gallon|qt=quart|pt=point|tsp=teaspoon|tbsp=tablespoon|" ++
    "Tbsp=tablespoon|s=mn;second|sec=second|secs=second|min=minute|mins=minute|h=hour|" ++
    "hr=hour|hrs=hour|wk=week|wks=week|mo=month|mos=month|yr=year|yrs=year|" ++
    "B=!kKMGTP;byte|KiB=kibibyte|MiB=mebibyte|GiB=gibibyte|TiB=tebibyte|b=!kKMG;bit|" ++
    "bps=kMG;bit(s) per second|Hz=kMG;hertz()|W=kMGm;watt|Wh=kM;watt hour|V=km;volt|" ++
    "A=!m;amp|Ah=!m;amp hour|Ω=ohm|\u{2126}=ohm|kΩ=kilohm|Pa=hkM;pascal|psi=P S I()|" ++
    "mmHg=millimeter(s) of mercury|cal=k;calorie|J=!k;joule|eV=electron volt|dB=decibel|" ++
    "mol=mole|mph=mile(s) per hour|kph=kilometer(s) per hour|rpm=R P M()|" ++
    "bpm=beat(s) per minute|fps=frame(s) per second|ppm=part(s) per million|" ++
    "ppb=part(s) per billion|dpi=dot(s) per inch|ppi=pixel(s) per inch|px=pixel|MP=megapixel|" ++
    "°=degree|°C=degree(s) celsius|°F=degree(s) fahrenheit|℃=degree(s) celsius|" ++
    "℉=degree(s) fahrenheit|°N=degree(s) north|°S=degree(s) south|°E=degree(s) east|" ++
    "°W=degree(s) west|′=f<oo>(ee)t|″=inch(es)|%=percent()|‰=per mille()|¢=cent|€=euro|" ++
    "£=pound|USD=U S dollar|EUR=euro|GBP=british pound|CAD=canadian dollar|" ++
    "AUD=australian dollar|JPY=japanese yen()|KRW=korean won()|CHF=swiss franc";
const prefixes = "k=kilo|K=kilo|M=mega|G=giga|T=tera|P=peta|h=hecto|d=deci|c=centi|m=milli|n=nano";
const micro = "µ|μ";
/// Those whose powers are squares and cubes.
const lengths = "m|mi|ft|in|yd|yds|′|″";
/// Signs that are a unit alone, and those that may have letters beside them.
const sole_signs = "%|¢|€|£|℃|℉|‰|′|″";
const unit_signs = "°|µ|μ|Ω|\u{2126}";

const Unit = struct {
    name: Words,
    prefix: Words,
    is_length: bool,
    /// 1, 2 or 3.
    power: u8,

    noinline fn write(self: *const Unit, r: *const Reader, is_plural: bool) void {
        if (self.is_length and self.power > 1) r.say(if (self.power == 2) "square" else "cubic");
        r.say(self.prefix);
        gluedNoun(r, self.name, is_plural);
        if (!self.is_length) sayPower(r, self.power);
    }
};

/// The end of the unit that is written at an offset, without `per`; 0 when there is none.
noinline fn unitAt(r: *const Reader, at: usize, is_attached: bool, unit: *Unit) usize {
    var start = at;
    unit.power = 1;
    if (r.has(at, "sq") or r.has(at, "cu")) {
        const word_end = at + 2 + @intFromBool(r.byte(at + 2) == '.');
        if (r.byte(word_end) == ' ') {
            start = word_end + 1;
            unit.power = if (r.byte(at) == 's') 2 else 3;
        }
    }
    var end = unitSymbolEnd(r, start);
    if (r.has(start, "fl")) {
        const ounce = r.spacesEnd(end + @intFromBool(r.byte(end) == '.'));
        if (r.has(ounce, "oz")) end = ounce + 2;
    }
    if (end == start or end > start + 6) return 0;
    unit.prefix = "";
    var symbol = start;
    const micro_end = r.markEnd(start, micro);
    if (micro_end > 0) {
        unit.prefix = "micro";
        symbol = micro_end;
    }
    unit.name = r.find(units, symbol, end) orelse "!";
    if (unit.name[0] == '!') {
        unit.prefix = r.find(prefixes, symbol, symbol + 1) orelse return 0;
        const letter = r.byte(symbol);
        symbol += 1;
        unit.name = r.find(units, symbol, end) orelse return 0;
        if (!scan.isTagged(unit.name, letter)) return 0;
    }
    unit.name = scan.rest(unit.name);
    unit.is_length = r.isListed(lengths, symbol, end);
    if (unit.power > 1 and !unit.is_length) return 0;
    // "5 in the morning", against 5in and 5 in.
    const is_word = start == at and !is_attached and r.has(at, "in") and r.byte(end) != '.';
    const exponent = exponentAt(r, end);
    if (exponent > 0 and (unit.is_length or !r.isDigit(end))) {
        unit.power = exponent;
        end = r.charEnd(end + @intFromBool(r.byte(end) == '^'));
    } else if (is_word and end == at + 2) return 0;
    return if (r.isAlnum(end)) 0 else end;
}

/// 2 or 3 for `²`, `^2` or `2` and the like, else 0.
noinline fn exponentAt(r: *const Reader, at: usize) callconv(.c) u8 {
    const start = at + @intFromBool(r.byte(at) == '^');
    const digit = r.find("2=2|²=2|3=3|³=3", start, r.charEnd(start)) orelse return 0;
    return digit[0] - '0';
}

/// Letters and the signs that units are made of.
fn unitSymbolEnd(r: *const Reader, at: usize) usize {
    const sole_end = r.markEnd(at, sole_signs);
    if (sole_end > 0) return sole_end;
    var end = at;
    while (true) {
        const next = if (r.isLetter(end)) end + 1 else r.markEnd(end, unit_signs);
        if (next == 0) return end;
        end = next;
    }
}

/// The end of a unit behind an amount, which is said with what it is per; else the amount's.
noinline fn unitAfter(r: *const Reader, at: usize, amount_end: usize, is_one: bool) usize {
    const is_hyphened = r.byte(amount_end) == '-';
    const start = if (is_hyphened) amount_end + 1 else r.spacesEnd(amount_end);
    var unit: Unit = undefined;
    var divisor: Unit = undefined;
    var end = unitAt(r, start, start == amount_end, &unit);
    if (end == 0) return amount_end;
    const is_letters = r.isLetter(start);
    const is_letter = is_letters and end == start + 1;
    if (is_hyphened and (!is_letters or is_letter) or is_letter and r.byte(end) == '-') return amount_end;
    const divisor_end = if (r.byte(end) == '/') unitAt(r, end + 1, true, &divisor) else 0;
    if (divisor_end > 0) end = divisor_end;
    if (r.isLetter(end - 1)) end = r.stopEnd(end, false);
    unit.write(r, !(is_one or is_hyphened or isAdjective(r, at, end)));
    if (divisor_end > 0) {
        r.say("per");
        divisor.write(r, false);
    }
    return end;
}

const function_words = "of|to|in|on|for|and|or|per|at|by|from|is|was|than|a|an|the|as|if|that|but|so|when|with";

/// Whether an amount stands before a noun: "a $5 bill", "NASA's 5 km drive", "a $20-a-day habit".
noinline fn isAdjective(r: *const Reader, start: usize, end: usize) callconv(.c) bool {
    if (r.byte(end) == '-') return r.isLetter(end + 1);
    const previous = r.beforeEnd(start);
    if (!r.isBefore(start, "a|an") and
        r.possessiveEnd(previous -| 2) == 0 and r.possessiveEnd(previous -| 4) == 0) return false;
    const next = r.spacesEnd(end);
    return next > end and r.isLower(next) and !r.isAfter(end, function_words);
}

// Money.

/// `sign=noun`, with `;` and that of a hundredth.
const currencies = "$=dollar;cent|£=pound;pen<ny>(ce)|€=euro;cent|¥=yen()|₩=won()|₹=rupee|₽=ruble|₿=bitcoin";
const countries = "US=U S|C=canadian|CA=canadian|A=australian|AU=australian|HK=hong kong|" ++
    "NZ=new zealand|S=singapore";
const magnitudes = "k=thousand|K=thousand|m=million|M=million|MM=million|mn=million|b=billion|" ++
    "B=billion|bn=billion|T=trillion|tn=trillion";
const magnitude_words = "hundred|thousand|million|billion|trillion";

/// The end of `million`, `k`, `bn` … behind an amount of money or a count, which is said; else 0.
noinline fn magnitude(r: *const Reader, at: usize) usize {
    const start = r.spacesEnd(at + @intFromBool(r.byte(at) == '-'));
    const end = r.lettersEnd(start);
    if (r.isWord(end)) return 0;
    if (r.isListed(magnitude_words, start, end)) {
        r.copy(start, end);
        return end;
    }
    const is_parted = start > at and end < start + 2;
    return if (!is_parted and r.sayFound(magnitudes, start, end)) end else 0;
}

/// `$4.50`, `US$20`, `$4.5 billion`, `$5–$10`, `$15/hr`.
pub fn money(r: *const Reader, at: usize) usize {
    const symbol = r.lettersEnd(at);
    const country = r.find(countries, at, symbol);
    const symbol_end = r.charEnd(symbol);
    if (symbol >= r.text.len or symbol > at and (country == null or r.byte(symbol) != '$')) return 0;
    const name = r.find(currencies, symbol, symbol_end) orelse return 0;
    const hundredth = scan.rest(name);
    var first: Numeral = undefined;
    if (!numbers.numeralAt(r, r.spacesEnd(symbol_end), &first)) return 0;
    var end = first.end;
    var is_one = first.isOne();
    const cents = r.value(first.point, end);
    const mark = r.spoken.length;
    const has_cents = hundredth != name and first.kind == .decimal and end == first.point + 3 and
        magnitude(r, end) == 0;
    r.spoken.length = mark;
    const is_less_than_one = has_cents and cents > 0 and first.value == 0;
    if (!is_less_than_one) {
        if (has_cents) {
            numbers.cardinal(r, first.value);
            is_one = first.value == 1 and cents > 0;
        } else {
            first.write(r);
            end = moneyEnd(r, end, at, symbol_end);
            is_one = is_one and end == first.end;
        }
        if (country) |country_words| r.say(country_words);
        noun(r, name, !(is_one or isAdjective(r, at, end)));
    }
    if (has_cents and cents > 0) {
        if (!is_less_than_one) r.say("and");
        numbers.cardinal(r, cents);
        noun(r, hundredth, cents != 1);
    }
    return per(r, end);
}

/// The end of an amount of money with its magnitude, and with the upper end of a range, which has
/// the currency from `symbol` to `symbol_end` again or not.
fn moneyEnd(r: *const Reader, at: usize, symbol: usize, symbol_end: usize) usize {
    const end = @max(at, magnitude(r, at));
    var start = r.dashEnd(end);
    if (start == 0) return end;
    var i: usize = 0;
    while (symbol + i < symbol_end and r.byte(start + i) == r.byte(symbol + i)) i += 1;
    if (symbol + i == symbol_end) start += i;
    var upper: Numeral = undefined;
    if (!r.isDigit(start) or !numbers.numeralAt(r, start, &upper)) return end;
    r.say("to");
    upper.write(r);
    return @max(upper.end, magnitude(r, upper.end));
}

/// `/hour` or `+` behind money.
fn per(r: *const Reader, at: usize) usize {
    const start = at + 1;
    const end = r.lettersEnd(start);
    if (r.byte(at) != '/' or end == start) return plusEnd(r, at);
    r.say("per");
    var unit: Unit = undefined;
    const unit_end = unitAt(r, start, true, &unit);
    if (unit_end > 0) {
        unit.write(r, false);
        return unit_end;
    }
    r.copy(start, end);
    return end;
}

const periods = "second|minute|hour|day|night|week|month|year|person|capita";

/// `/day` or `+` behind a number.
noinline fn rateEnd(r: *const Reader, at: usize) usize {
    const end = r.lettersEnd(at + 1);
    if (r.byte(at) != '/' or !r.isListed(periods, at + 1, end)) return plusEnd(r, at);
    r.say("per");
    r.copy(at + 1, end);
    return end;
}

noinline fn plusEnd(r: *const Reader, at: usize) usize {
    if (r.byte(at) != '+' or r.isWord(at + 1) or r.byte(at + 1) == '+') return at;
    r.say("plus");
    return at + 1;
}

// Fractions.

const vulgar = "½=12|¼=14|¾=34|⅓=13|⅔=23|⅛=18|⅜=38|⅝=58|⅞=78|⅕=15|⅖=25|⅗=35|⅘=45|⅙=16|⅚=56";

/// The end of `½`, or of `3/4` when it is a proper fraction with a usual denominator; else 0.
noinline fn fractionAt(r: *const Reader, at: usize, fraction: *numbers.Fraction) usize {
    const vulgar_end = r.markEnd(at, vulgar);
    if (vulgar_end > 0) {
        const digits = r.find(vulgar, at, vulgar_end).?;
        fraction.* = .{ .numerator = digits[0] - '0', .denominator = digits[1] - '0' };
        return vulgar_end;
    }
    const slash = r.digitsEnd(at);
    const end = r.digitsEnd(slash + 1);
    if (r.byte(slash) != '/' or r.byte(end) == '/' or r.isLetter(end)) return 0;
    fraction.* = .{ .numerator = r.value(at, slash), .denominator = r.value(slash, end) };
    if (fraction.numerator -% 1 >= fraction.denominator -% 1 or r.byte(at) == '0') return 0;
    return switch (fraction.denominator) {
        2...20, 32, 64, 100, 1000 => end,
        else => 0,
    };
}

const ratings = "rated|rating|scored|score|got|gave|solid|a|rate";
const fixed_fractions = "9/11=nine eleven|24/7=twenty four seven";

/// A number with a slash, or with a fraction behind it.
fn slashed(r: *const Reader, at: usize) usize {
    const whole_end = r.digitsEnd(at);
    const other_start = whole_end + 1;
    var end = r.digitsEnd(other_start);
    var fraction: numbers.Fraction = undefined;
    const fraction_end = fractionAt(r, at, &fraction);
    if (whole_end > at) {
        if (r.byte(whole_end) != '/') return mixed(r, at, whole_end);
        if (end == other_start or r.isLetter(end)) return 0;
        if (r.has(at, "24/7/365")) {
            r.say("twenty four seven three sixty five");
            return end + 4;
        }
        if (r.byte(end) == '/') return 0;
        if (r.sayFound(fixed_fractions, at, end)) return end;
        const date_end = dates.numericWithoutYear(r, at);
        if (date_end > 0) return date_end;
        const whole = r.value(at, whole_end);
        const other = r.value(other_start, end);
        const is_out_of = r.isListed("10|5|100", other_start, end) and
            (whole == other or r.isBefore(at, ratings));
        if (is_out_of or fraction_end == 0) {
            numbers.cardinal(r, whole);
            if (is_out_of) r.say("out of") else if (whole != other) r.say("over");
            numbers.cardinal(r, other);
            return end;
        }
    }
    if (fraction_end == 0) return 0;
    end = fraction_end;
    numbers.fraction(r, fraction, false);
    return unitAfter(r, at, end, true);
}

/// `2 1/2`, `2-1/2`, `2½`.
fn mixed(r: *const Reader, at: usize, whole_end: usize) usize {
    const start = if (r.byte(whole_end) == '-') whole_end + 1 else r.spacesEnd(whole_end);
    var fraction: numbers.Fraction = undefined;
    const end = fractionAt(r, start, &fraction);
    if (end == 0 or start == whole_end and r.isDigit(start)) return 0;
    numbers.amount(r, at, whole_end);
    r.say("and");
    numbers.fraction(r, fraction, true);
    return unitAfter(r, at, end, false);
}

// Numbers.

/// Words before a number that is read by pairs (`three oh five`).
const paired = "Room|Boeing|Airbus|Porsche|Route|Highway|Flight|Interstate|Peugeot|RTX|GTX";
/// … digit by digit,
const coded = "code|codes|PIN|ZIP|passcode|password";
/// … and, with a decimal point, as a version.
const versioned = "version|Python|Java|Ubuntu|Node|iOS|Android|Windows|macOS|Kernel|release";
const year_words = "in|since|until|during|before|after|by|of|from|year";

/// Words that a number counts although they do not look like a plural.
const counted = "people|men|women|children|percent|feet|million|billion|thousand|hundred|or|more|inches";
const uncounted = "was|has|his|its|this|across|always|perhaps|towards|versus|plus|besides|unless|les|gas";

/// Whether what follows at `at` is something that is counted, so that a number is not a year.
fn isCounted(r: *const Reader, at: usize) bool {
    if (r.byte(at) == '-' and r.isLetter(at + 1)) return true;
    if (r.isAfter(at, counted)) return true;
    const start = r.spacesEnd(at);
    const end = r.afterEnd(at);
    if (end < start + 4 or !r.isLower(start) or r.isAfter(at, uncounted)) return false;
    return r.byte(end - 1) == 's' and r.byte(end - 2) != 's';
}

/// Says a number by what stands around it: a year, an amount, a code.
fn integer(r: *const Reader, numeral: *const Numeral) void {
    const at = numeral.start;
    if (!numeral.isPlain(r)) return numeral.write(r);
    var end = numeral.end;
    const upper = r.dashEnd(end);
    if (upper > 0 and r.isDigit(upper)) end = r.digitsEnd(upper);
    const is_counted = isCounted(r, end);
    const is_paired = r.isBefore(at, paired);
    const is_emergency = numeral.value == 911 and !is_counted and !is_paired;
    if (is_emergency or r.isBefore(at, coded)) return numbers.digits(r, at, numeral.end);
    const is_time = r.isBefore(at, year_words);
    const earliest: u64 = if (is_time) 1000 else 1100;
    const is_year = numeral.end == at + 4 and numeral.value >= earliest and numeral.value < 2100 and
        (!is_counted or is_time and !r.isBefore(at, "of"));
    if ((is_year or is_paired) and !numeral.isCode(r)) numbers.pairs(r, numeral.value) else numeral.write(r);
}

/// `1st`, `1990s`, `747s`, `49ers`; the numeral is plain or grouped digits.
fn suffixed(r: *const Reader, numeral: *const Numeral) usize {
    const at = numeral.end;
    if (numeral.kind != .integer) return 0;
    const ordinal_end = dates.ordinalSuffixEnd(r, at);
    if (ordinal_end > 0) {
        numbers.ordinal(r, numeral.value);
        return ordinal_end;
    }
    if (!numeral.isPlain(r)) return 0;
    if (r.has(at, "ers") and !r.isWord(at + 3)) {
        numbers.cardinal(r, numeral.value);
        if (r.last() == 'e') r.spoken.length -= 1;
        r.glue("ers");
        return at + 3;
    }
    const is_plural = r.byte(at) == 's' and !r.isWord(at + 1);
    // 1990's and 90's are decades, the iPhone 15's screen is not.
    const end = if (is_plural) at + 1 else r.possessiveEnd(at);
    if (end == 0) return 0;
    if (!is_plural and numeral.value % 10 > 0) {
        numbers.label(r, numeral.start, at);
        return at;
    }
    pluralNumber(r, numeral.start, at);
    return end;
}

fn pluralNumber(r: *const Reader, start: usize, end: usize) void {
    switch (r.value(start, end)) {
        100 => r.say("hundred"),
        1000 => r.say("thousand"),
        else => numbers.label(r, start, end),
    }
    numbers.plural(r);
}

/// `'90s` and `'05`, at the apostrophe.
pub fn shortYear(r: *const Reader, at: usize) usize {
    const start = r.apostropheEnd(at);
    const end = r.digitsEnd(start);
    if (start == 0 or end != start + 2 or r.isWordBefore(at)) return 0;
    if (r.byte(end) == 's' and !r.isWord(end + 1)) {
        pluralNumber(r, start, end);
        return end + 1;
    }
    if (r.isWord(end) or r.byte(end) == '\'') return 0;
    numbers.lastPair(r, r.value(start, end));
    return end;
}

/// `5'10"`.
fn feetAndInches(r: *const Reader, numeral: *const Numeral) usize {
    const start = r.markEnd(numeral.end, "'|′");
    const end = r.digitsEnd(start);
    if (start == 0 or end == start or end > start + 2 or r.isAlnum(end)) return 0;
    const inches = r.value(start, end);
    if (numeral.end > numeral.start + 2 or inches > 11) return 0;
    numbers.cardinal(r, numeral.value);
    noun(r, "f<oo>(ee)t", numeral.value != 1);
    numbers.cardinal(r, inches);
    noun(r, "inch(es)", inches != 1);
    return @max(end, r.markEnd(end, "\"|″"));
}

/// Numbers with full stops: addresses of the internet, versions, sections.
noinline fn dotted(r: *const Reader, numeral: *const Numeral) usize {
    var stops: usize = 0;
    for (numeral.start..numeral.end) |at| stops += @intFromBool(r.byte(at) == '.');
    numbers.sequence(r, numeral.start, numeral.end, if (stops == 3) "dot" else "point", stops == 3);
    return numeral.end;
}

/// One number with what belongs to it, but not the rest of a range.
noinline fn single(r: *const Reader, at: usize) usize {
    return r.first(at, &.{ slashed, dates.dayFirst, dates.time, counting });
}

fn counting(r: *const Reader, at: usize) usize {
    var numeral: Numeral = undefined;
    if (!numbers.numeralAt(r, at, &numeral)) return 0;
    const end = numeral.end;
    inline for (.{ feetAndInches, suffixed }) |form| {
        const form_end = form(r, &numeral);
        if (form_end > 0) return form_end;
    }
    if (numeral.kind == .dotted) return dotted(r, &numeral);
    const mark = r.spoken.length;
    numeral.write(r);
    const unit_end = unitAfter(r, at, end, numeral.isOne());
    if (unit_end > end) return unit_end;
    const is_size = byEnd(r, end) > 0 or r.byte(at -% 1) == 'x' or r.has(at -% 2, "×");
    if (!is_size and r.isLetter(end)) {
        // 4K and 5B are names.
        const is_count = r.isAny(end, "kmM") and numeral.value != 401;
        const magnitude_end = if (is_count) magnitude(r, end) else 0;
        if (magnitude_end > 0) return rateEnd(r, magnitude_end);
        r.spoken.length = mark;
        const code_end = r.attempt(at, words.code);
        if (code_end > 0) return code_end;
    }
    r.spoken.length = mark;
    if (r.has(end, "(k)")) {
        numbers.label(r, at, end);
        r.say("K");
        return end + 3;
    }
    if (is_size and numeral.isPlain(r)) {
        numbers.label(r, at, end);
    } else if (numeral.kind == .decimal and r.isBefore(at, versioned)) {
        _ = dotted(r, &numeral);
    } else integer(r, &numeral);
    return rateEnd(r, end);
}

/// Where the second number of `4x4`, `1920×1080` or `10 x 12` begins, else 0.
noinline fn byEnd(r: *const Reader, at: usize) usize {
    const start = r.spacesEnd(at);
    const sign_end = r.markEnd(start, if (start == at) "x|×" else "x");
    const end = r.spacesEnd(sign_end);
    if (sign_end == 0 or (start > at) != (end > sign_end) or !r.isDigit(end)) return 0;
    const is_hexadecimal = r.byte(at -% 1) == '0' and !r.isDigit(at -% 2);
    return if (is_hexadecimal) 0 else end;
}

/// Signs and their words, with where they are read so: as a prefix before a number (p), alone (a),
/// as an operator between numbers without space (o), between operands with space (b), or joining
/// letters (j).
const signs = "+=paoj;plus|-=pb;minus|\u{2212}=pb;minus|\u{2013}=p;minus|~=p;about|" ++
    "<=pob;less than|>=pob;greater than|≥=pao;greater than or equal to|≤=pao;less than or equal to|" ++
    "±=pao;plus or minus|≈=pao;approximately|§=pa;section|©=paj;copyright|√=p;square root of|" ++
    "№=p;number|==pobj;equals|^=oj;to the power of|*=ob;times|×=ao;times|÷=ao;divided by|&=aj;and|" ++
    "@=a;at|#=a;number|%=a;percent|≠=pa;is not equal to|®=aj;registered|™=aj;trademark|°=a;degrees|" ++
    "$=a;dollars|€=a;euros|£=a;pounds|¥=a;yen|¢=a;cents|∞=a;infinity";

/// Says the sign at an offset when it is read in that place; its end, else 0.
pub noinline fn sign(r: *const Reader, at: usize, place: u8) usize {
    if (at >= r.text.len) return 0;
    const end = r.charEnd(at);
    const entry = r.find(signs, at, end) orelse return 0;
    if (!scan.isTagged(entry, place)) return 0;
    r.say(scan.rest(entry));
    return end;
}

/// The end of a power: `^2`, `^³`, or a superscript alone; else 0.
pub fn powerEnd(r: *const Reader, at: usize) usize {
    const is_marked = r.byte(at) == '^';
    if (!is_marked and r.byte(at) < 0x80) return 0;
    const end = r.charEnd(at + @intFromBool(is_marked));
    return if (exponentAt(r, at) == 0 or r.isAlnum(end)) 0 else end;
}

/// Says a power: `squared` or `cubed`.
pub fn power(r: *const Reader, at: usize) void {
    sayPower(r, exponentAt(r, at));
}

noinline fn sayPower(r: *const Reader, exponent: u8) void {
    if (exponent == 2) r.say("squared");
    if (exponent == 3) r.say("cubed");
}

/// Every form that begins with a digit, a fraction or a decimal point.
pub fn number(r: *const Reader, at: usize) usize {
    if (r.isDigit(at)) {
        const end = r.first(at, &.{ web.numberedAddress, dates.numeric, dates.phone });
        if (end > 0) return end;
    }
    var end = single(r, at);
    var has_range = false;
    while (end > 0) {
        const power_end = powerEnd(r, end);
        // Behind a year a superscript is a footnote's.
        if (power_end > 0 and (r.byte(end) == '^' or end < at + 4)) {
            power(r, end);
            end = power_end;
            continue;
        }
        const mark = r.spoken.length;
        var next = byEnd(r, end);
        if (next > 0) r.say("by") else {
            next = if (has_range) 0 else r.dashEnd(end);
            if (next > 0 and r.isDigit(next)) {
                r.say("to");
                has_range = true;
            } else next = sign(r, end, 'o');
        }
        if (!r.isDigit(next) or next == 0) {
            r.spoken.length = mark;
            break;
        }
        end = single(r, next);
    }
    return end;
}
