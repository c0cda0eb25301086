//! English numbers with what they count: units, money, fractions, ranges, operators.

const std = @import("std");
const scan = @import("english_scan.zig");
const numbers = @import("english_numbers.zig");
const dates = @import("english_dates.zig");
const web = @import("english_web.zig");
const words = @import("english_words.zig");
const Spoken = @import("spoken.zig").Spoken;

const byteAt = scan.byteAt;
const Numeral = numbers.Numeral;

// Units.

/// `symbol=singular,plural`; a plural that is left out is the singular and s.
const units = "g=gram;kg=kilogram;mg=milligram;mcg=microgram;ng=nanogram;lb=pound;lbs=pound;oz=ounce;" ++
    "m=meter;km=kilometer;cm=centimeter;mm=millimeter;nm=nanometer;mi=mile;ft=foot,feet;" ++
    "in=inch,inches;yd=yard;yds=yard;" ++
    "L=liter;l=liter;mL=milliliter;ml=milliliter;dL=deciliter;dl=deciliter;cl=centiliter;" ++
    "gal=gallon;qt=quart;pt=point;tsp=teaspoon;tbsp=tablespoon;Tbsp=tablespoon;" ++
    "s=second;sec=second;secs=second;ms=millisecond;ns=nanosecond;min=minute;mins=minute;" ++
    "h=hour;hr=hour;hrs=hour;wk=week;wks=week;mo=month;mos=month;yr=year;yrs=year;" ++
    "kB=kilobyte;KB=kilobyte;MB=megabyte;GB=gigabyte;TB=terabyte;PB=petabyte;" ++
    "KiB=kibibyte;MiB=mebibyte;GiB=gibibyte;TiB=tebibyte;kb=kilobit;Kb=kilobit;Mb=megabit;Gb=gigabit;" ++
    "bps=bit per second,bits per second;kbps=kilobit per second,kilobits per second;" ++
    "Mbps=megabit per second,megabits per second;Gbps=gigabit per second,gigabits per second;" ++
    "Hz=hertz,hertz;kHz=kilohertz,kilohertz;MHz=megahertz,megahertz;GHz=gigahertz,gigahertz;" ++
    "W=watt;kW=kilowatt;MW=megawatt;GW=gigawatt;mW=milliwatt;Wh=watt hour;kWh=kilowatt hour;" ++
    "MWh=megawatt hour;V=volt;kV=kilovolt;mV=millivolt;mA=milliamp;mAh=milliamp hour;" ++
    "Ω=ohm;\u{2126}=ohm;kΩ=kilohm;Pa=pascal;hPa=hectopascal;kPa=kilopascal;MPa=megapascal;" ++
    "psi=P S I,P S I;mmHg=millimeter of mercury,millimeters of mercury;cal=calorie;" ++
    "kcal=kilocalorie;kJ=kilojoule;eV=electron volt;dB=decibel;mol=mole;" ++
    "mph=mile per hour,miles per hour;kph=kilometer per hour,kilometers per hour;" ++
    "rpm=R P M,R P M;bpm=beat per minute,beats per minute;fps=frame per second,frames per second;" ++
    "ppm=part per million,parts per million;ppb=part per billion,parts per billion;" ++
    "dpi=dot per inch,dots per inch;ppi=pixel per inch,pixels per inch;px=pixel;MP=megapixel;" ++
    "°=degree;°C=degree celsius,degrees celsius;°F=degree fahrenheit,degrees fahrenheit;" ++
    "℃=degree celsius,degrees celsius;℉=degree fahrenheit,degrees fahrenheit;" ++
    "°N=degree north,degrees north;°S=degree south,degrees south;" ++
    "°E=degree east,degrees east;°W=degree west,degrees west;" ++
    "′=foot,feet;″=inch,inches;%=percent,percent;‰=per mille,per mille;¢=cent;€=euro;£=pound;" ++
    "USD=U S dollar;EUR=euro;GBP=british pound;CAD=canadian dollar;AUD=australian dollar;" ++
    "JPY=japanese yen,japanese yen;KRW=korean won,korean won;CHF=swiss franc";

/// Those whose powers are squares and cubes.
const lengths = "meter kilometer centimeter millimeter mile foot inch yard";

const Unit = struct {
    end: usize,
    micro: bool = false,
    /// singular,plural
    name: []const u8,
    /// 1, 2 or 3.
    power: u8 = 1,

    fn singular(self: Unit) []const u8 {
        for (self.name, 0..) |byte, i| if (byte == ',') return self.name[0..i];
        return self.name;
    }

    fn write(self: Unit, spoken: *Spoken, is_plural: bool) void {
        const one = self.singular();
        const is_length = scan.isListed(lengths, one);
        if (is_length and self.power > 1) spoken.word(if (self.power == 2) "square" else "cubic");
        if (self.micro) spoken.word("micro") else spoken.word("");
        spoken.glue(if (is_plural and one.len < self.name.len) self.name[one.len + 1 ..] else one);
        if (is_plural and one.len == self.name.len) spoken.glue("s");
        if (!is_length and self.power > 1) spoken.word(if (self.power == 2) "squared" else "cubed");
    }
};

const unit_symbols = [_][]const u8{
    "%",
    "¢",
    "€",
    "£",
    "℃",
    "℉",
    "‰",
    "′",
    "″",
    "°",
    "µ",
    "μ",
    "Ω",
    "\u{2126}",
};

/// The unit that is written at an offset, without `per`.
fn simpleUnitAt(text: []const u8, at: usize, is_attached: bool) ?Unit {
    var start = at;
    var power: u8 = 1;
    for ([_][]const u8{ "sq", "cu" }, 2..) |word, word_power| if (scan.has(text, at, word)) {
        const word_end = at + 2 + @intFromBool(byteAt(text, at + 2) == '.');
        if (byteAt(text, word_end) != ' ') continue;
        start = word_end + 1;
        power = @intCast(word_power);
    };
    for ([_][]const u8{ "fl oz", "fl. oz" }) |ounce| {
        if (scan.has(text, start, ounce)) return .{ .end = start + ounce.len, .name = "fluid ounce" };
    }
    const end = unitSymbolEnd(text, start);
    if (end == start or end > start + 6) return null;
    const is_micro = scan.has(text, start, "µ") or scan.has(text, start, "μ");
    const symbol = text[if (is_micro) start + 2 else start..end];
    const name = scan.find(units, symbol) orelse return null;
    var unit: Unit = .{ .end = end, .micro = is_micro, .name = name, .power = power };
    const is_length = scan.isListed(lengths, unit.singular());
    if (power > 1 and !is_length) return null;
    for (2..4) |p| {
        const superscript: []const u8 = if (p == 2) "²" else "³";
        const digit: u8 = if (p == 2) '2' else '3';
        const caret: usize = @intFromBool(byteAt(text, end) == '^');
        if (scan.has(text, end, superscript)) {
            unit.end = end + superscript.len;
        } else if (byteAt(text, end + caret) == digit and (is_length or caret > 0)) {
            unit.end = end + caret + 1;
        } else continue;
        unit.power = @intCast(p);
    }
    // "5 in the morning", against 5in and 5 in.
    const is_word = scan.eql(symbol, "in") and unit.power == 1;
    if (is_word and power == 1 and !is_attached and byteAt(text, end) != '.') return null;
    if (scan.isAlnum(byteAt(text, unit.end))) return null;
    return unit;
}

/// Letters and the symbols that units are made of; a percent sign and its like stand alone.
fn unitSymbolEnd(text: []const u8, at: usize) usize {
    var end = at;
    next: while (true) {
        if (scan.isLetter(byteAt(text, end))) {
            end += 1;
            continue;
        }
        for (unit_symbols, 0..) |symbol, i| if (scan.has(text, end, symbol)) {
            if (i < 9) return if (end == at) end + symbol.len else end;
            end += symbol.len;
            continue :next;
        };
        return end;
    }
}

/// The amount that a unit follows.
const Amount = struct {
    start: usize,
    end: usize,
    is_singular: bool,
    /// Whether the amount is a fraction or has one: no year, no code.
    is_plain: bool = false,
};

/// The end of a unit behind an amount, which is written with what it is per.
fn unitAfter(text: []const u8, amount: Amount, spoken: *Spoken) ?usize {
    const is_hyphened = byteAt(text, amount.end) == '-';
    const start = if (is_hyphened) amount.end + 1 else scan.spacesEnd(text, amount.end);
    const unit = simpleUnitAt(text, start, start == amount.end) orelse return null;
    const symbol_bytes = unit.end - start;
    const is_letters = scan.isLetter(text[start]);
    if (is_hyphened and (!is_letters or symbol_bytes < 2)) return null;
    if (is_letters and symbol_bytes == 1 and byteAt(text, unit.end) == '-') return null;
    var end = unit.end;
    const divisor = if (byteAt(text, end) == '/') simpleUnitAt(text, end + 1, true) else null;
    if (divisor) |other| end = other.end;
    if (scan.isLetter(text[end - 1])) end = scan.stopEnd(text, end, false);
    const is_singular = amount.is_singular or is_hyphened or isAdjective(text, amount.start, end);
    unit.write(spoken, !is_singular);
    if (divisor) |other| {
        spoken.word("per");
        other.write(spoken, false);
    }
    return end;
}

const function_words = "of to in on for and or per at by from is was than a an the as if that but so when with";

/// Whether an amount stands before a noun: "a $5 bill", "NASA's 5 km drive", "a $20-a-day habit".
fn isAdjective(text: []const u8, start: usize, end: usize) bool {
    if (byteAt(text, end) == '-') return scan.isLetter(byteAt(text, end + 1));
    const previous = scan.before(text, start);
    if (!previous.isIn("a an A An") and
        scan.possessiveEnd(text, previous.start + previous.bytes.len -| 2) == null) return false;
    const next = scan.after(text, end);
    return next.bytes.len > 0 and !next.isCapitalised() and !next.isIn(function_words);
}

// Money.

/// `symbol=unit,plural,hundredth,plural`.
const currencies = "$=dollar,dollars,cent,cents;£=pound,pounds,penny,pence;€=euro,euros,cent,cents;" ++
    "¥=yen,yen;₩=won,won;₹=rupee,rupees;₽=ruble,rubles;₿=bitcoin,bitcoins";
const countries = "US=U S;C=canadian;CA=canadian;A=australian;AU=australian;HK=hong kong;" ++
    "NZ=new zealand;S=singapore";
const magnitudes = "k=thousand;K=thousand;m=million;M=million;MM=million;mn=million;b=billion;" ++
    "B=billion;bn=billion;T=trillion;tn=trillion";
const magnitude_words = "hundred thousand million billion trillion";

const Currency = struct {
    start: usize,
    end: usize,
    country: []const u8,
    name: []const u8,

    /// Its words with commas between: unit, units, hundredth, hundredths.
    fn word(self: Currency, index: usize) []const u8 {
        var names = std.mem.splitScalar(u8, self.name, ',');
        for (0..index) |_| _ = names.next();
        return names.next() orelse "";
    }
};

fn currencyAt(text: []const u8, at: usize) ?Currency {
    var start = at;
    var country: []const u8 = "";
    if (scan.isUpper(byteAt(text, at))) {
        start = scan.lettersEnd(text, at);
        if (byteAt(text, start) != '$') return null;
        country = scan.find(countries, text[at..start]) orelse return null;
    }
    const bytes: usize = switch (byteAt(text, start)) {
        '$' => 1,
        0xC2 => 2,
        0xE2 => 3,
        else => return null,
    };
    if (start + bytes >= text.len) return null;
    const name = scan.find(currencies, text[start..][0..bytes]) orelse return null;
    return .{ .start = at, .end = start + bytes, .country = country, .name = name };
}

/// The end of `million`, `k`, `bn` … behind an amount of money or a count, and its word.
fn magnitudeAt(text: []const u8, at: usize) ?struct { end: usize, word: []const u8 } {
    const is_parted = scan.spaceBytes(text, at) > 0 or byteAt(text, at) == '-';
    const start = if (byteAt(text, at) == '-') at + 1 else scan.spacesEnd(text, at);
    const end = scan.lettersEnd(text, start);
    if (scan.isWordAt(text, end)) return null;
    const word = text[start..end];
    if (scan.isListed(magnitude_words, word)) return .{ .end = end, .word = word };
    if (is_parted and word.len < 2) return null;
    return .{ .end = end, .word = scan.find(magnitudes, word) orelse return null };
}

/// `$4.50`, `US$20`, `$4.5 billion`, `$5–$10`, `$15/hr`.
pub fn money(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const currency = currencyAt(text, at) orelse return null;
    const start = scan.spacesEnd(text, currency.end);
    if (start >= text.len) return null;
    const first = numbers.numeralAt(text, start) orelse return null;
    var end = first.end;
    const cents = scan.value(first.decimals);
    var is_singular = first.isOne();
    const has_cents = first.kind == .decimal and first.decimals.len == 2 and
        currency.word(2).len > 0 and magnitudeAt(text, end) == null;
    if (has_cents) {
        if (first.value > 0 or cents == 0) {
            numbers.cardinal(spoken, first.value);
            is_singular = (first.value == 1 and cents > 0) or isAdjective(text, at, end);
            moneyName(spoken, currency, is_singular);
            if (cents > 0) spoken.word("and");
        }
        if (cents > 0) {
            numbers.cardinal(spoken, cents);
            spoken.word(currency.word(if (cents == 1) 2 else 3));
        }
        return per(text, end, spoken);
    }
    first.write(spoken);
    if (upperEnd(text, end, currency)) |numeral| {
        spoken.word("to");
        numeral.write(spoken);
        end = numeral.end;
        is_singular = false;
    }
    if (magnitudeAt(text, end)) |magnitude| {
        spoken.word(magnitude.word);
        end = magnitude.end;
        is_singular = false;
    }
    moneyName(spoken, currency, is_singular or isAdjective(text, at, end));
    return per(text, end, spoken);
}

fn moneyName(spoken: *Spoken, currency: Currency, is_singular: bool) void {
    if (currency.country.len > 0) spoken.word(currency.country);
    spoken.word(currency.word(@intFromBool(!is_singular)));
}

/// The upper end of a range of money, with the sign again or not.
fn upperEnd(text: []const u8, at: usize, currency: Currency) ?Numeral {
    const dash = scan.dashBytes(text, at);
    if (dash == 0) return null;
    var start = at + dash;
    const sign = text[currency.start..currency.end];
    if (scan.has(text, start, sign)) start += sign.len;
    if (!scan.isDigit(byteAt(text, start))) return null;
    return numbers.numeralAt(text, start);
}

/// `/hour` or `+` behind money.
fn per(text: []const u8, at: usize, spoken: *Spoken) usize {
    if (byteAt(text, at) != '/') return plusEnd(text, at, spoken);
    const end = scan.lettersEnd(text, at + 1);
    if (end == at + 1) return at;
    spoken.word("per");
    if (simpleUnitAt(text, at + 1, true)) |unit| {
        unit.write(spoken, false);
        return unit.end;
    }
    spoken.word(text[at + 1 .. end]);
    return end;
}

fn plusEnd(text: []const u8, at: usize, spoken: *Spoken) usize {
    if (byteAt(text, at) != '+' or scan.isWordAt(text, at + 1) or byteAt(text, at + 1) == '+') return at;
    spoken.word("plus");
    return at + 1;
}

// Fractions.

const Fraction = struct { numerator: u64, denominator: u64, end: usize };

const vulgar = "½=12;¼=14;¾=34;⅓=13;⅔=23;⅛=18;⅜=38;⅝=58;⅞=78;⅕=15;⅖=25;⅗=35;⅘=45;⅙=16;⅚=56";

fn vulgarAt(text: []const u8, at: usize) ?Fraction {
    const bytes: usize = switch (byteAt(text, at)) {
        0xC2 => 2,
        0xE2 => 3,
        else => return null,
    };
    if (at + bytes > text.len) return null;
    const digits = scan.find(vulgar, text[at..][0..bytes]) orelse return null;
    return .{ .numerator = digits[0] - '0', .denominator = digits[1] - '0', .end = at + bytes };
}

/// `3/4` when it is a proper fraction with a usual denominator.
fn fractionAt(text: []const u8, at: usize) ?Fraction {
    if (vulgarAt(text, at)) |fraction| return fraction;
    const slash = scan.digitsEnd(text, at);
    const end = scan.digitsEnd(text, slash + 1);
    if (slash == at or byteAt(text, slash) != '/' or end == slash + 1) return null;
    if (byteAt(text, end) == '/' or scan.isLetter(byteAt(text, end))) return null;
    const numerator = scan.value(text[at..slash]);
    const denominator = scan.value(text[slash + 1 .. end]);
    if (numerator == 0 or numerator >= denominator or text[at] == '0') return null;
    const is_usual = denominator <= 20 or denominator == 32 or denominator == 64 or
        denominator == 100 or denominator == 1000;
    return if (is_usual) .{ .numerator = numerator, .denominator = denominator, .end = end } else null;
}

const ratings = "rated rating scored score got gave solid a rate";
const fixed_fractions = "9/11=nine eleven;24/7=twenty four seven";

/// A number with a slash, or with a fraction behind it.
fn slashed(text: []const u8, at: usize, spoken: *Spoken) ?Amount {
    const whole_end = scan.digitsEnd(text, at);
    if (whole_end == at) {
        const fraction = vulgarAt(text, at) orelse return null;
        numbers.fraction(spoken, fraction.numerator, fraction.denominator, false);
        return .{ .start = at, .end = fraction.end, .is_singular = true };
    }
    const whole = scan.value(text[at..whole_end]);
    if (byteAt(text, whole_end) != '/') return mixed(text, at, whole_end, spoken);
    const end = scan.digitsEnd(text, whole_end + 1);
    if (end == whole_end + 1 or scan.isLetter(byteAt(text, end))) return null;
    const other = scan.value(text[whole_end + 1 .. end]);
    var amount: Amount = .{ .start = at, .end = end, .is_singular = true, .is_plain = true };
    if (scan.has(text, end, "/365")) {
        spoken.word("twenty four seven three sixty five");
        amount.end += 4;
        return if (scan.eql(text[at..end], "24/7")) amount else null;
    }
    if (byteAt(text, end) == '/') return null;
    if (scan.find(fixed_fractions, text[at..end])) |reading| {
        spoken.word(reading);
        return amount;
    }
    if (dates.numericWithoutYear(text, at, spoken)) |_| return amount;
    const is_rating = other == 10 or other == 5 or other == 100;
    if (is_rating and (whole == other or scan.before(text, at).isIn(ratings))) {
        numbers.cardinal(spoken, whole);
        spoken.word("out of");
        numbers.cardinal(spoken, other);
        return amount;
    }
    if (fractionAt(text, at)) |fraction| {
        numbers.fraction(spoken, whole, fraction.denominator, false);
        amount.is_plain = false;
        return amount;
    }
    numbers.cardinal(spoken, whole);
    if (whole != other) spoken.word("over");
    numbers.cardinal(spoken, other);
    return amount;
}

/// `2 1/2`, `2-1/2`, `2½`.
fn mixed(text: []const u8, at: usize, whole_end: usize, spoken: *Spoken) ?Amount {
    const hyphen = @intFromBool(byteAt(text, whole_end) == '-');
    const start = if (hyphen > 0) whole_end + 1 else scan.spacesEnd(text, whole_end);
    const fraction = fractionAt(text, start) orelse return null;
    if (start == whole_end and byteAt(text, start) < 0x80) return null;
    numbers.cardinal(spoken, scan.value(text[at..whole_end]));
    spoken.word("and");
    numbers.fraction(spoken, fraction.numerator, fraction.denominator, true);
    return .{ .start = at, .end = fraction.end, .is_singular = false };
}

// Numbers.

/// Words before a number that is read by pairs (`three oh five`).
const paired = "Room Boeing Airbus Porsche Route Highway Flight Interstate Peugeot RTX GTX";
/// … digit by digit,
const coded = "code codes PIN ZIP zip pin passcode password";
/// … and, with a decimal point, as a version.
const versioned = "version Version Python Java Ubuntu Node iOS Android Windows macOS Kernel release Release";
const year_words = "in In since Since until Until during During before Before after After by By of from From year";

/// Words that a number counts although they do not look like a plural.
const counted = "people men women children percent feet million billion thousand hundred or more inches";
const uncounted = "was has his its this across always perhaps towards versus plus besides unless les gas";

/// Whether what follows at `at` is something that is counted, so that a number is not a year.
fn isCounted(text: []const u8, at: usize) bool {
    if (byteAt(text, at) == '-' and scan.isLetter(byteAt(text, at + 1))) return true;
    const next = scan.after(text, at);
    if (next.isIn(counted)) return true;
    if (next.bytes.len < 4 or !scan.isLower(next.bytes[0]) or next.isIn(uncounted)) return false;
    return scan.endsWith(next.bytes, "s") and !scan.endsWith(next.bytes, "ss");
}

/// Writes an integer by what stands around it: a year, an amount, a code.
fn integer(text: []const u8, at: usize, numeral: *const Numeral, spoken: *Spoken) void {
    const previous = scan.before(text, at);
    var end = numeral.end;
    const dash = scan.dashBytes(text, end);
    if (dash > 0 and scan.isDigit(byteAt(text, end + dash))) end = scan.digitsEnd(text, end + dash);
    if (!numeral.isPlain()) return numeral.write(spoken);
    if (previous.isIn(coded)) return numbers.digits(spoken, numeral.bytes);
    const is_counted = isCounted(text, end);
    if (scan.eql(numeral.bytes, "911") and !is_counted and !previous.isIn(paired)) {
        return numbers.digits(spoken, numeral.bytes);
    }
    const is_time = previous.isIn(year_words);
    const earliest: u64 = if (is_time) 1000 else 1100;
    const is_year = numeral.bytes.len == 4 and numeral.value >= earliest and numeral.value < 2100 and
        (is_time and !scan.eql(previous.bytes, "of") or !is_counted);
    if ((is_year or previous.isIn(paired)) and !numeral.isCode()) return numbers.pairs(spoken, numeral.value);
    numeral.write(spoken);
}

/// `1st`, `1990s`, `747s`, `49ers`; the numeral is plain or grouped digits.
fn suffixed(text: []const u8, numeral: *const Numeral, spoken: *Spoken) ?usize {
    if (dates.ordinalSuffixEnd(text, numeral.end)) |end| {
        numbers.ordinal(spoken, numeral.value);
        return end;
    }
    if (!numeral.isPlain()) return null;
    if (scan.has(text, numeral.end, "ers") and !scan.isWordAt(text, numeral.end + 3)) {
        numbers.cardinal(spoken, numeral.value);
        if (scan.endsWith(spoken.words(), "e")) spoken.length -= 1;
        spoken.glue("ers");
        return numeral.end + 3;
    }
    const is_plural = byteAt(text, numeral.end) == 's' and !scan.isWordAt(text, numeral.end + 1);
    const end = if (is_plural) numeral.end + 1 else scan.possessiveEnd(text, numeral.end) orelse return null;
    // 1990's and 90's are decades, the iPhone 15's screen is not.
    if (!is_plural and numeral.value % 10 > 0) {
        numbers.label(spoken, numeral.bytes);
        spoken.glue("'s");
        return end;
    }
    pluralNumber(spoken, numeral.bytes);
    return end;
}

fn pluralNumber(spoken: *Spoken, digits: []const u8) void {
    switch (scan.value(digits)) {
        100 => spoken.word("hundred"),
        1000 => spoken.word("thousand"),
        else => numbers.label(spoken, digits),
    }
    numbers.plural(spoken);
}

/// `'90s` and `'05`, at the apostrophe.
pub fn shortYear(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (at > 0 and scan.isWordBefore(text, at)) return null;
    const start = at + scan.apostropheBytes(text, at);
    const end = scan.digitsEnd(text, start);
    if (end != start + 2 or start == at) return null;
    if (byteAt(text, end) == 's' and !scan.isWordAt(text, end + 1)) {
        pluralNumber(spoken, text[start..end]);
        return end + 1;
    }
    if (scan.isWordAt(text, end) or byteAt(text, end) == '\'') return null;
    if (text[start] == '0') spoken.word("oh");
    numbers.cardinal(spoken, scan.value(text[start..end]));
    return end;
}

/// `5'10"`.
fn feetAndInches(text: []const u8, numeral: *const Numeral, spoken: *Spoken) ?usize {
    const has_prime = scan.has(text, numeral.end, "′");
    if (!has_prime and byteAt(text, numeral.end) != '\'') return null;
    const start = numeral.end + @as(usize, if (has_prime) 3 else 1);
    const end = scan.digitsEnd(text, start);
    if (numeral.bytes.len > 2 or end == start or end > start + 2 or scan.isAlnum(byteAt(text, end))) return null;
    const inches = scan.value(text[start..end]);
    if (inches > 11) return null;
    numbers.cardinal(spoken, numeral.value);
    spoken.word(if (numeral.value == 1) "foot" else "feet");
    numbers.cardinal(spoken, inches);
    spoken.word(if (inches == 1) "inch" else "inches");
    if (scan.has(text, end, "″")) return end + 3;
    return end + @intFromBool(byteAt(text, end) == '"');
}

/// Numbers with full stops: addresses of the internet, versions, sections.
fn dotted(numeral: *const Numeral, spoken: *Spoken) void {
    var count: usize = 1;
    for (numeral.bytes) |byte| count += @intFromBool(byte == '.');
    const is_address = count == 4;
    numbers.parts(spoken, numeral.bytes, if (is_address) "dot" else "point", is_address);
}

/// One number with what belongs to it, but not the rest of a range.
fn single(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const mark = spoken.length;
    if (slashed(text, at, spoken)) |amount| {
        return (if (amount.is_plain) null else unitAfter(text, amount, spoken)) orelse amount.end;
    }
    spoken.length = mark;
    if (byteAt(text, at) >= 0x80) return null;
    inline for (.{ dates.dayFirst, dates.time }) |form| {
        if (form(text, at, spoken)) |end| return end;
        spoken.length = mark;
    }
    const numeral = numbers.numeralAt(text, at) orelse return null;
    if (feetAndInches(text, &numeral, spoken)) |end| return end;
    if (numeral.kind == .integer) {
        if (suffixed(text, &numeral, spoken)) |end| return end;
    }
    if (numeral.kind == .dotted) {
        dotted(&numeral, spoken);
        return numeral.end;
    }
    numeral.write(spoken);
    const amount: Amount = .{ .start = at, .end = numeral.end, .is_singular = numeral.isOne() };
    if (unitAfter(text, amount, spoken)) |end| return end;
    const is_size = isBy(text, numeral.end) != null or
        (at > 0 and text[at - 1] == 'x') or (at > 1 and scan.has(text, at - 2, "×"));
    if (!is_size and scan.isLetter(byteAt(text, numeral.end))) {
        if (magnitudeAt(text, numeral.end)) |magnitude| {
            if (isCountMagnitude(text[numeral.end]) and !scan.eql(numeral.bytes, "401")) {
                spoken.word(magnitude.word);
                return plusEnd(text, magnitude.end, spoken);
            }
        }
        spoken.length = mark;
        if (words.code(text, at, spoken)) |end| return end;
    }
    spoken.length = mark;
    if (scan.has(text, numeral.end, "(k)")) {
        numbers.label(spoken, numeral.bytes);
        spoken.word("K");
        return numeral.end + 3;
    }
    const is_version = numeral.kind == .decimal and scan.before(text, at).isIn(versioned);
    if (is_version) dotted(&numeral, spoken) else if (is_size and numeral.isPlain()) {
        numbers.label(spoken, numeral.bytes);
    } else if (numeral.kind == .integer) integer(text, at, &numeral, spoken) else numeral.write(spoken);
    return plusEnd(text, numeral.end, spoken);
}

/// Of the letters for thousands and the like those that a count has too: 4K and 5B are names.
fn isCountMagnitude(letter: u8) bool {
    return letter == 'k' or letter | 0x20 == 'm';
}

/// Where the second number of `4x4`, `1920×1080` or `10 x 12` begins.
fn isBy(text: []const u8, at: usize) ?usize {
    const start = scan.spacesEnd(text, at);
    const sign: usize = if (byteAt(text, start) == 'x') 1 else if (start == at and scan.has(text, at, "×")) 2 else return null;
    const end = scan.spacesEnd(text, start + sign);
    if ((start > at) != (end > start + sign)) return null;
    const is_hexadecimal = at > 0 and text[at - 1] == '0' and (at == 1 or !scan.isDigit(text[at - 2]));
    if (is_hexadecimal) return null;
    return if (scan.isDigit(byteAt(text, end))) end else null;
}

/// Signs between two numbers, or letters and numbers, without space.
pub const operators = "*=times;×=times;÷=divided by;^=to the power of;>=greater than;<=less than;" ++
    "+=plus;≥=greater than or equal to;≤=less than or equal to;±=plus or minus;≈=approximately";

/// A sign at an offset, and its word; the equals sign is no key of a table.
pub fn operatorAt(text: []const u8, at: usize) ?struct { end: usize, word: []const u8 } {
    const bytes: usize = switch (byteAt(text, at)) {
        0x21...0x7F => 1,
        0xC2, 0xC3 => 2,
        0xE2 => 3,
        else => return null,
    };
    const end = at + bytes;
    if (end > text.len) return null;
    if (text[at] == '=') return .{ .end = end, .word = "equals" };
    return .{ .end = end, .word = scan.find(operators, text[at..end]) orelse return null };
}

/// `squared` and `cubed` for the exponents 2 and 3.
pub fn powerEnd(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (byteAt(text, at) != '^' or scan.isAlnum(byteAt(text, at + 2))) return null;
    switch (byteAt(text, at + 1)) {
        '2' => spoken.word("squared"),
        '3' => spoken.word("cubed"),
        else => return null,
    }
    return at + 2;
}

/// Every form that begins with a digit, a fraction or a decimal point.
pub fn number(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const mark = spoken.length;
    if (scan.isDigit(text[at])) {
        inline for (.{ web.numberedAddress, dates.phone, dates.numeric, dates.groups }) |form| {
            if (form(text, at, spoken)) |end| return end;
            spoken.length = mark;
        }
    }
    var end = single(text, at, spoken) orelse return null;
    var has_range = false;
    while (true) {
        const dash = scan.dashBytes(text, end);
        if (isBy(text, end)) |next| {
            spoken.word("by");
            end = single(text, next, spoken) orelse return null;
        } else if (dash > 0 and !has_range and scan.isDigit(byteAt(text, end + dash))) {
            spoken.word("to");
            end = single(text, end + dash, spoken) orelse return null;
            has_range = true;
        } else if (powerEnd(text, end, spoken)) |power_end| {
            end = power_end;
        } else {
            const operator = operatorAt(text, end) orelse return end;
            if (!scan.isDigit(byteAt(text, operator.end))) return end;
            spoken.word(operator.word);
            end = single(text, operator.end, spoken) orelse return null;
        }
    }
}
