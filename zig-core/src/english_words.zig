//! English abbreviations, acronyms, Roman numerals, and names made of letters and digits.

const std = @import("std");
const scan = @import("english_scan.zig");
const numbers = @import("english_numbers.zig");
const dates = @import("english_dates.zig");
const quantities = @import("english_quantities.zig");
const web = @import("english_web.zig");
const Spoken = @import("spoken.zig").Spoken;

const byteAt = scan.byteAt;

/// Every form that begins with a letter.
pub fn word(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const end = scan.lettersEnd(text, at);
    const next = byteAt(text, end);
    var capitals: usize = 0;
    for (text[at..end]) |byte| capitals += @intFromBool(scan.isUpper(byte));
    if (capitals == 0) switch (next) {
        // Nearly all words end here.
        ' ', ',', '\n', '\'', '"', ')', ';', '!', '?', 0 => {
            return if (text[at] == 'v' and end == at + 2) abbreviation(text, at, end, spoken) else null;
        },
        else => {},
    };
    switch (next) {
        '.', '@', '_', '/', ':', '-', '+', '0'...'9' => if (web.address(text, at, spoken)) |address_end| {
            return address_end;
        },
        '$' => return quantities.money(text, at, spoken),
        else => {},
    }
    const mark = spoken.length;
    if (scan.isUpper(text[at])) {
        if (dates.monthFirst(text, at, spoken)) |date_end| return date_end;
        spoken.length = mark;
    }
    if (next == '.' or next == '/' or capitals > 0) {
        if (abbreviation(text, at, end, spoken)) |form_end| return form_end;
    }
    if (capitals == end - at) {
        if (roman(text, at, end, spoken)) |form_end| return form_end;
        if (state(text, at, end, spoken)) |form_end| return form_end;
    }
    const is_hyphened_number = next == '-' and scan.isDigit(byteAt(text, end + 1)) and capitals == end - at;
    if (scan.isDigit(next) or is_hyphened_number) return code(text, at, spoken);
    if (joined(text, at, end, spoken)) |form_end| return form_end;
    spoken.length = mark;
    return if (capitals > 0 or next == '-') hyphened(text, at, spoken) else null;
}

// Abbreviations. A full stop that is also the sentence's stays.

/// Before a name.
const titles = "Mr=mister;Mrs=missus;Ms=miz;Mt=mount;Prof=professor;Gov=governor;Sen=senator;" ++
    "Rep=representative;Gen=general;Capt=captain;Lt=lieutenant;Sgt=sergeant;Col=colonel;" ++
    "Maj=major;Cpl=corporal;Pvt=private;Adm=admiral;Cmdr=commander;Rev=reverend;Hon=honorable;" ++
    "Pres=president;Ft=fort;Supt=superintendent";
/// Before a number.
const numbered = "no=number;nos=numbers;p=page;pp=pages;fig=figure;figs=figures;vol=volume;" ++
    "vols=volumes;ch=chapter;sec=section;ca=circa;c=circa;ext=extension;art=article;" ++
    "eq=equation;op=opus;est=established";
const general = "etc=et cetera;vs=versus;inc=incorporated;corp=corporation;co=company;ltd=limited;" ++
    "ave=avenue;blvd=boulevard;rd=road;ln=lane;ct=court;ter=terrace;pkwy=parkway;hwy=highway;" ++
    "sq=square;pl=place;apt=apartment;ste=suite;bldg=building;dept=department;" ++
    "approx=approximately;est=estimated;avg=average;max=maximum;min=minimum;misc=miscellaneous;" ++
    "incl=including;excl=excluding;govt=government;univ=university;assn=association;" ++
    "intl=international;ext=extension;tel=telephone;temp=temperature;" ++
    "jr=junior;sr=senior;bros=brothers;esq=esquire";
/// Of these, what never ends a sentence before a capital.
const within_names = "jr sr bros vs";
/// Of all, those that are also written without a full stop.
const without_stop = "vs Mr Mrs Ms Mt Inc Ltd Corp Ave Blvd Rd Hwy Pkwy Jr Sr";

fn abbreviation(text: []const u8, at: usize, end: usize, spoken: *Spoken) ?usize {
    const has_stop = byteAt(text, end) == '.';
    const letters = text[at..end];
    if (letters.len > 6) return null;
    if (byteAt(text, end) == '/') return with(text, at, spoken);
    if (has_stop) if (latinStop(text, at, spoken)) |form_end| return form_end;
    if (scan.eql(letters, "Dr")) return doctorOrDrive(text, at, end, "doctor", "drive", spoken);
    if (scan.eql(letters, "St")) return doctorOrDrive(text, at, end, "saint", "street", spoken);
    if (!has_stop and !scan.isListed(without_stop, letters)) return null;
    const after_stop = end + @intFromBool(has_stop);
    if (scan.find(titles, letters)) |title| {
        const is_before_name = scan.after(text, after_stop).isCapitalised();
        if (!has_stop and !is_before_name) return null;
        spoken.word(title);
        return scan.stopEnd(text, end, true);
    }
    if (has_stop) if (weekday(text, letters, after_stop)) |name| {
        for (name) |byte| lower(spoken, byte, byte == name[0]);
        return after_stop;
    };
    var buffer: [6]u8 = undefined;
    @memcpy(buffer[0..letters.len], letters);
    buffer[0] |= 0x20;
    const key = buffer[0..letters.len];
    if (scan.find(numbered, key)) |name| if (has_stop) {
        const start = scan.spacesEnd(text, after_stop);
        const numeral = scan.after(text, after_stop).bytes;
        const is_roman = numeral.len > 0 and !scan.eql(numeral, "I") and romanValue(numeral) != null;
        if (scan.isDigit(byteAt(text, start)) or is_roman) {
            spoken.word(name);
            // An unparted number is left to be read with a space before it.
            return if (start > after_stop) after_stop else quantities.number(text, start, spoken);
        }
    };
    spoken.word(scan.find(general, key) orelse return null);
    return if (has_stop) scan.stopEnd(text, end, scan.isListed(within_names, key)) else end;
}

/// Adds a letter to the last word, or begins one with it, in small.
fn lower(spoken: *Spoken, byte: u8, is_first: bool) void {
    if (is_first) spoken.word("");
    spoken.glue(&.{byte | 0x20});
}

/// `e.g.`, `i.e.`, `Ph.D.`
fn latinStop(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const forms = [_]struct { []const u8, []const u8 }{
        .{ "e.g", "for example" }, .{ "i.e", "that is" }, .{ "Ph.D", "P H D" },
    };
    for (forms) |form| if (scan.has(text, at, form[0])) {
        const end = at + form[0].len;
        if (scan.isWordAt(text, end)) return null;
        spoken.word(form[1]);
        return scan.stopEnd(text, end, true);
    };
    return null;
}

/// `w/`, `w/o`.
fn with(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (text[at] != 'w' or byteAt(text, at + 1) != '/') return null;
    const is_without = byteAt(text, at + 2) == 'o' and !scan.isWordAt(text, at + 3);
    const end = at + @as(usize, if (is_without) 3 else 2);
    if (scan.isWordAt(text, end)) return null;
    spoken.word(if (is_without) "without" else "with");
    return end;
}

/// The day that `Mon.` or `Thurs.` is, where the rest of a date or another day follows: `Sat.` and
/// `Sun.` end sentences too.
fn weekday(text: []const u8, letters: []const u8, after_stop: usize) ?[]const u8 {
    if (letters.len < 3) return null;
    const next = byteAt(text, scan.spacesEnd(text, after_stop));
    const is_dated = scan.isDigit(next) or next == ',' or next == '-' or
        scan.monthOf(scan.after(text, after_stop).bytes) != null;
    if (!is_dated) return null;
    for (0..7) |i| {
        const name = scan.nth(scan.weekdays, i);
        if (scan.has(name, 0, letters)) return name;
    }
    return null;
}

const landforms = "Mount Mt. Fort Ft. Lake Port Cape Sault East West North South Old New";

/// `Dr. Smith` and `Elm Dr.`, `St. John` and `Main St.`: a title when a name follows, unless a name
/// stands before it that does not begin the sentence.
fn doctorOrDrive(text: []const u8, at: usize, end: usize, title: []const u8, road: []const u8, spoken: *Spoken) ?usize {
    const has_stop = byteAt(text, end) == '.';
    const after_stop = end + @intFromBool(has_stop);
    if (scan.isWordAt(text, after_stop) or byteAt(text, after_stop) == '-') return null;
    const previous = scan.before(text, at);
    const is_after_name = (previous.isCapitalised() or isOrdinal(previous.bytes)) and !previous.isIn(landforms);
    const is_before_name = scan.after(text, after_stop).isCapitalised();
    if (is_before_name and !(is_after_name and !scan.isSentenceStart(text, previous.start))) {
        spoken.word(title);
        return after_stop;
    }
    if (!is_after_name) return null;
    spoken.word(road);
    return scan.stopEnd(text, end, false);
}

/// Whether a word is like `42nd`.
fn isOrdinal(bytes: []const u8) bool {
    return bytes.len > 0 and scan.isDigit(bytes[0]);
}

const states = "AL=alabama;AK=alaska;AZ=arizona;AR=arkansas;CA=california;CO=colorado;CT=connecticut;" ++
    "DE=delaware;FL=florida;GA=georgia;HI=hawaii;ID=idaho;IL=illinois;IN=indiana;IA=iowa;KS=kansas;" ++
    "KY=kentucky;LA=louisiana;ME=maine;MD=maryland;MA=massachusetts;MI=michigan;MN=minnesota;" ++
    "MS=mississippi;MO=missouri;MT=montana;NE=nebraska;NV=nevada;NH=new hampshire;NJ=new jersey;" ++
    "NM=new mexico;NY=new york;NC=north carolina;ND=north dakota;OH=ohio;OK=oklahoma;OR=oregon;" ++
    "PA=pennsylvania;RI=rhode island;SC=south carolina;SD=south dakota;TN=tennessee;TX=texas;UT=utah;" ++
    "VT=vermont;VA=virginia;WA=washington;WV=west virginia;WI=wisconsin;WY=wyoming";
/// States that are also words or degrees: only with a ZIP code.
const doubtful_states = "HI ID IN LA ME MD MA MS OH OK OR PA";

/// `TX` after a town and a comma, with the ZIP code that follows.
fn state(text: []const u8, at: usize, end: usize, spoken: *Spoken) ?usize {
    const letters = text[at..end];
    if (letters.len != 2 or at < 3 or text[at - 1] != ' ' or text[at - 2] != ',') return null;
    if (!scan.isLetter(text[at - 3])) return null;
    const name = scan.find(states, letters) orelse return null;
    const zip = scan.spacesEnd(text, end);
    const zip_end = scan.digitsEnd(text, zip);
    if (zip_end == zip + 5 and zip > end and !scan.isWordAt(text, zip_end)) {
        spoken.word(name);
        const long_end = scan.digitsEnd(text, zip_end + 1);
        const is_long = byteAt(text, zip_end) == '-' and long_end == zip_end + 5;
        numbers.digits(spoken, text[zip..if (is_long) long_end else zip_end]);
        return if (is_long) long_end else zip_end;
    }
    if (scan.isListed(doubtful_states, letters) or scan.isWordAt(text, end)) return null;
    if (scan.after(text, end).isCapitalised()) return null;
    spoken.word(name);
    return end;
}

// Roman numerals.

/// Words before a numeral that is read as a number; in small letters.
const roman_numbered = "chapter act scene part volume vol book article section war bowl title type class " ++
    "phase stage level appendix figure fig table canto episode round unit lesson psalm division " ++
    "region schedule tier factor mark apollo";
const regnal = "Henry Louis George Edward Charles James William Richard Elizabeth Philip Napoleon Frederick " ++
    "Peter Catherine Nicholas Alexander Ivan Paul John Benedict Pius Leo Gregory Clement Innocent Urban " ++
    "Boniface Ferdinand Francis Victor Otto Umberto Ramses Ptolemy Xerxes Cyrus Darius Mehmed Haakon " ++
    "Harald Olaf Christian Gustav Carl Leopold Albert Baldwin Wilhelm Robert David Alfonso Pedro Juan " ++
    "Felipe Margrethe Mary Kenneth Stephen Theodore Constantine Joseph Murad Selim Thomas";
const rulers = "King Queen Pope Emperor Empress Tsar Czar Kaiser Sultan Prince";
const not_numbered = "The A An This That His Her My Our Their In On At And For No With";

fn romanValue(letters: []const u8) ?u64 {
    const signs = "M CM D CD C XC L XL X IX V IV I";
    const values = [_]u64{ 1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1 };
    var sum: u64 = 0;
    var rest = letters;
    for (values, 0..) |value, i| {
        const sign = scan.nth(signs, i);
        const most: usize = if (i % 4 == 0) 3 else 1;
        for (0..most) |_| if (scan.has(rest, 0, sign)) {
            sum += value;
            rest = rest[sign.len..];
        };
    }
    return if (rest.len == 0) sum else null;
}

fn roman(text: []const u8, at: usize, end: usize, spoken: *Spoken) ?usize {
    switch (text[at]) {
        'I', 'V', 'X', 'L', 'C', 'D', 'M' => {},
        else => return null,
    }
    const letters = text[at..end];
    const number = romanValue(letters) orelse return null;
    if (byteAt(text, end) == '-' or scan.isWordAt(text, end) and scan.apostropheBytes(text, end) == 0) return null;
    const is_ordinal = romanReading(text, at, end) orelse return null;
    if (is_ordinal) {
        const is_century = scan.after(text, end).isIn(centuries);
        if (!is_century) spoken.word("the");
        numbers.ordinal(spoken, number);
    } else numbers.cardinal(spoken, number);
    const possessive_end = scan.possessiveEnd(text, end) orelse return end;
    spoken.glue("'s");
    return possessive_end;
}

const centuries = "century Century centuries Centuries";

/// Whether a Roman numeral is an ordinal (true) or a cardinal here; null when it is none.
fn romanReading(text: []const u8, at: usize, end: usize) ?bool {
    const letters = text[at..end];
    const is_single = letters.len == 1;
    if (scan.after(text, end).isIn(centuries)) return true;
    var previous = scan.before(text, at);
    if (scan.endsWith(previous.bytes, ".")) previous.bytes.len -= 1;
    if (previous.bytes.len == 0) return null;
    const earlier = scan.before(text, previous.start);
    if (previous.isIn(regnal)) {
        if (scan.eql(letters, "I") and !earlier.isIn(rulers) and !scan.after(text, end).isIn("of")) return null;
        return true;
    }
    var buffer: [8]u8 = undefined;
    if (previous.bytes.len <= buffer.len) {
        for (previous.bytes, 0..) |byte, i| buffer[i] = byte | 0x20;
        if (scan.isListed(roman_numbered, buffer[0..previous.bytes.len])) {
            return if (scan.eql(letters, "I") and !previous.isCapitalised()) null else false;
        }
    }
    if (is_single or !previous.isCapitalised() or previous.isIn(not_numbered)) return null;
    for (letters) |byte| if (byte != 'I' and byte != 'V' and byte != 'X') return null;
    return earlier.isIn(regnal);
}

// Capitals.

/// Read letter by letter although they could be words.
const spelled = "FBI CIA USA UFO CEO CFO CTO COO EU UN UAE AI IRS EPA FDA NBA NYC API CPU GPU USB URL ATM DIY " ++
    "VIP HIV DNA RNA IPO IBM ACLU UCLA YMCA AARP ASAP IMHO NAACP EST USAID IOC IMF UEA BBC ABC ACC AAA " ++
    "OPM SUV SUVS AFC ICBM";
/// Acronyms of two or three letters, and hard ones, that are read as words.
const read_as_words = "RAM ROM SIM PIN GIF LAN WAN ZIP CAD TED PAC DOS ICE OK YAML MR MRS MS DR HMM SHH PSST " ++
    "NET SARS NASA NATO AIDS FIFA OPEC FEMA OSHA COVID IKEA SWAT NAFTA";
/// Words that are written in capitals for their weight.
const common = "A I AM AN AS AT BE BY DO GO HE IF IN IS ME MY NO OF OH ON OR SO TO UP WE ALL AND ANY ARE BAD BIG " ++
    "BUT BUY CAN DAY DID END FEW FOR FUN GET GOT HAD HAS HER HEY HIM HIS HOT HOW ITS LET LOT MAN MAY MEN " ++
    "NEW NOT NOW OFF OLD ONE OUR OUT OWN PUT RED RUN SAD SAY SEE SET SHE SIX TEN THE TOO TOP TRY TWO USE " ++
    "WAR WAS WAY WHY WIN WON YES YET YOU";
/// Acronyms that are words too.
const double = "US IT WHO AM";

/// Read otherwise than letter by letter or as they stand.
const special = "JPEG=jay peg;JSON=jason;PhD=P H D;iOS=I O S;pH=P H;WWII=world war two;WWI=world war one;" ++
    "IEEE=I triple E;kWh=kilowatt hour;GHz=gigahertz;MHz=megahertz;kHz=kilohertz;Mbps=megabits per second";

const onsets = "bl br ch cl cr dr dw fl fr gl gr kl kn kr ph pl pr qu rh sc sh sk sl sm sn sp st sv sw th tr tw " ++
    "wh wr str spr scr spl thr sch chr shr squ";
const codas = "ck ct ft ld lf lk lm lp lt lth mb mp mpt nc nch nd nds ng ngs nk nt nth nts pt rb rd rds rf rg rk " ++
    "rks rl rld rm rn rp rs rst rt rth sh sk sp ss st sts th ch tch ll ff ns ds ps ms ts ks ls gs ght rch cks rr";

fn isVowelOrY(byte: u8) bool {
    return scan.isVowel(byte) or byte | 0x20 == 'y';
}

/// Whether letters could be an English word by their clusters of consonants.
fn isPronounceable(letters: []const u8) bool {
    if (letters.len >= 7) return true;
    var buffer: [7]u8 = undefined;
    for (letters, 0..) |byte, i| buffer[i] = byte | 0x20;
    const small = buffer[0..letters.len];
    var at: usize = 0;
    while (at < small.len) {
        var end = at;
        while (end < small.len and !isVowelOrY(small[end])) end += 1;
        const cluster = small[at..end];
        const is_first = at == 0;
        const is_last = end == small.len;
        if (is_first and is_last) return false;
        if (cluster.len > 1) {
            if (is_first) {
                if (!scan.isListed(onsets, cluster)) return false;
            } else if (is_last) {
                if (!scan.isListed(codas, cluster)) return false;
            } else if (cluster.len > 2 and !scan.isListed(onsets, cluster[1..])) return false;
        }
        at = end;
        while (at < small.len and isVowelOrY(small[at])) at += 1;
        if (at - end > 3) return false;
    }
    return true;
}

fn isSpelled(letters: []const u8, is_loud: bool) bool {
    if (scan.isListed(spelled, letters)) return true;
    if (scan.isListed(read_as_words, letters)) return false;
    var has_vowel = false;
    for (letters) |byte| has_vowel = has_vowel or isVowelOrY(byte);
    if (!has_vowel) return true;
    if (is_loud) return false;
    if (letters.len > 3) return !isPronounceable(letters);
    return scan.isListed(double, letters) or !scan.isListed(common, letters);
}

/// Whether a word in capitals stands among words, not acronyms, in capitals.
fn isLoud(text: []const u8, start: usize, end: usize) bool {
    var at = start;
    for (0..4) |_| {
        const previous = capitalsBefore(text, at) orelse break;
        if (isLoudWord(text[previous..scan.lettersEnd(text, previous)])) return true;
        at = previous;
    }
    at = end;
    for (0..4) |_| {
        at = nextWord(text, at) orelse break;
        const next_end = scan.lettersEnd(text, at);
        if (!isCapitals(text[at..next_end])) break;
        if (isLoudWord(text[at..next_end])) return true;
        at = next_end;
    }
    return false;
}

fn isCapitals(letters: []const u8) bool {
    for (letters) |byte| if (!scan.isUpper(byte)) return false;
    return letters.len > 0;
}

fn isLoudWord(letters: []const u8) bool {
    if (letters.len < 2 or scan.isListed(spelled, letters) or scan.isListed(read_as_words, letters)) return false;
    if (letters.len < 4) return scan.isListed(common, letters);
    return isPronounceable(letters);
}

/// Where the letters next to the left begin when they are capitals.
fn capitalsBefore(text: []const u8, at: usize) ?usize {
    var end = at;
    while (end > 0 and !scan.isWordBefore(text, end)) : (end -= 1) if (text[end - 1] == '\n') return null;
    var start = end;
    while (start > 0 and scan.isUpper(text[start - 1])) start -= 1;
    if (start == end or start > 0 and scan.isWordBefore(text, start)) return null;
    return start;
}

fn nextWord(text: []const u8, at: usize) ?usize {
    var start = at;
    while (start < text.len and !scan.isLetter(text[start])) : (start += 1) {
        if (text[start] == '\n' or text[start] >= 0x80) return null;
    }
    return if (start < text.len) start else null;
}

/// US, IT, WHO and AM outside of loud text.
fn isDoubleWord(text: []const u8, letters: []const u8, end: usize) bool {
    if (!scan.isListed(double, letters)) return false;
    if (scan.eql(letters, "IT") and byteAt(text, end) == '!') return true;
    if (!scan.eql(letters, "WHO")) return false;
    for (text[end..]) |byte| switch (byte) {
        '?' => return true,
        '.', '!', '\n' => return false,
        else => {},
    };
    return false;
}

pub fn spell(spoken: *Spoken, letters: []const u8) void {
    for (letters) |byte| spoken.word(&.{if (scan.isLower(byte)) byte - 0x20 else byte});
}

/// Capitals where there is nothing to tell acronyms from words by: letters or a word.
pub fn acronym(spoken: *Spoken, letters: []const u8) void {
    if (isSpelled(letters, false)) spell(spoken, letters) else spoken.word(letters);
}

pub fn specialReading(letters: []const u8) ?[]const u8 {
    return scan.find(special, letters);
}

/// A word with its hyphens of which at least one part is rewritten: `FBI-led`, `USB-C`, `CEOs`.
fn hyphened(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    var is_changed = false;
    var start = at;
    while (true) {
        const letters_end = scan.lettersEnd(text, start);
        var end = letters_end;
        const mark = scan.apostropheBytes(text, end);
        if (mark > 0 and scan.isLetter(byteAt(text, end + mark))) end = scan.lettersEnd(text, end + mark);
        if (scan.isWordAt(text, end)) return null;
        if (part(text, start, letters_end, end, spoken)) is_changed = true else spoken.word(text[start..end]);
        start = end;
        if (byteAt(text, end) != '-' or !scan.isLetter(byteAt(text, end + 1))) break;
        start = end + 1;
    }
    return if (is_changed) start else null;
}

/// Writes a part of a word when it is not read as it stands. The apostrophe and what is behind it go
/// from `letters_end` to `end`.
fn part(text: []const u8, start: usize, letters_end: usize, end: usize, spoken: *Spoken) bool {
    var letters = text[start..letters_end];
    var has_s = end > letters_end and text[end - 1] == 's' and end - letters_end <= 4;
    if (end > letters_end and !has_s) return false;
    if (specialReading(letters) == null and letters.len > 2 and letters[letters.len - 1] == 's') {
        letters.len -= 1;
        if (!scan.isUpper(letters[letters.len - 1])) return false;
        has_s = true;
    }
    if (specialReading(letters)) |reading| {
        spoken.word(reading);
    } else {
        var capitals = letters.len;
        while (capitals > 0 and scan.isUpper(letters[capitals - 1])) capitals -= 1;
        const run = letters[capitals..];
        if (run.len < 2) return false;
        if (capitals > 0) {
            // OpenAI, but no name with a capital within (McDONALD).
            if (!scan.isLower(letters[capitals - 1]) or !isSpelled(run, false)) return false;
            spoken.word(letters[0..capitals]);
        } else {
            if (isDoubleWord(text, run, end)) return false;
            const is_loud = isLoud(text, start, end);
            if (!isSpelled(run, is_loud)) return false;
        }
        spell(spoken, run);
    }
    if (has_s) {
        const last = spoken.words()[spoken.length - 1];
        const is_plain = scan.isLower(last) and end == letters_end;
        spoken.glue(if (is_plain) "s" else "'s");
    }
    return true;
}

// Letters and digits.

/// `MP3`, `F-16`, `R2-D2`, `1080p`, `COVID-19`: runs of letters and digits, from either.
pub fn code(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const mark = spoken.length;
    if (versionEnd(text, at, spoken)) |end| return end;
    var end = at;
    var has_letters = false;
    var has_digits = false;
    while (true) {
        const start = end;
        const byte = byteAt(text, start);
        if (scan.isLetter(byte)) {
            end = scan.lettersEnd(text, start);
            codeLetters(spoken, text[start..end], start > at and scan.isDigit(text[start - 1]));
            has_letters = true;
        } else if (scan.isDigit(byte)) {
            end = scan.digitsEnd(text, start);
            numbers.label(spoken, text[start..end]);
            while ((byteAt(text, end) == '.' or byteAt(text, end) == ',') and scan.isDigit(byteAt(text, end + 1))) {
                if (text[end] == '.') spoken.word("point");
                const decimals = end + 1;
                end = scan.digitsEnd(text, decimals);
                numbers.digits(spoken, text[decimals..end]);
            }
            has_digits = true;
        } else if (byte == '-' and start > at and isCodeHyphen(text, start)) {
            end += 1;
        } else break;
    }
    if (!has_letters or !has_digits or scan.isWordAt(text, end)) {
        spoken.length = mark;
        return null;
    }
    if (scan.possessiveEnd(text, end)) |possessive_end| {
        spoken.glue("'s");
        return possessive_end;
    }
    return end;
}

/// Whether letters or digits behind a hyphen belong to the same name: digits behind letters, and
/// capitals behind digits.
fn isCodeHyphen(text: []const u8, at: usize) bool {
    if (scan.isDigit(byteAt(text, at + 1))) return scan.isUpper(text[at - 1]);
    const end = scan.lettersEnd(text, at + 1);
    return isCapitals(text[at + 1 .. end]) and !scan.isWordAt(text, end) or
        scan.isUpper(byteAt(text, at + 1)) and scan.isDigit(byteAt(text, end));
}

fn codeLetters(spoken: *Spoken, letters: []const u8, is_after_digits: bool) void {
    if (is_after_digits and scan.eql(letters, "s")) return numbers.plural(spoken);
    const has_plural = letters.len > 1 and isCapitals(letters[0 .. letters.len - 1]) and letters[letters.len - 1] == 's';
    const name = if (has_plural) letters[0 .. letters.len - 1] else letters;
    const is_word = name.len > 2 and !(if (isCapitals(name)) isSpelled(name, false) else !isPronounceable(name));
    if (is_word) spoken.word(name) else spell(spoken, name);
    if (has_plural) spoken.glue(if (is_word) "s" else "'s");
}

/// `v2.0`.
fn versionEnd(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (text[at] != 'v' or !scan.isDigit(byteAt(text, at + 1))) return null;
    const numeral = numbers.numeralAt(text, at + 1) orelse return null;
    if (numeral.kind == .list or scan.isWordAt(text, numeral.end)) return null;
    spoken.word("version");
    numbers.parts(spoken, numeral.bytes, "point", false);
    return numeral.end;
}

// Signs between letters.

/// `R&D`, `C++`, `C#`, `x=5`, `mc^2`, `Lego®`.
fn joined(text: []const u8, at: usize, first_end: usize, spoken: *Spoken) ?usize {
    var start = at;
    var end = first_end;
    while (true) {
        const letters = text[start..end];
        if (isCapitals(letters) and letters.len > 1 and (letters.len < 4 or isSpelled(letters, false))) spell(spoken, letters) else spoken.word(letters);
        const sign_end = joinedSign(text, end, letters, spoken) orelse return if (start > at) end else null;
        end = sign_end.end;
        if (sign_end.is_last) return end;
        start = end;
        if (scan.isDigit(byteAt(text, start))) return quantities.number(text, start, spoken);
        end = scan.lettersEnd(text, start);
    }
}

fn joinedSign(text: []const u8, at: usize, letters: []const u8, spoken: *Spoken) ?struct { end: usize, is_last: bool } {
    const is_before_word = scan.isAlnum(byteAt(text, at + 1));
    if (quantities.powerEnd(text, at, spoken)) |end| return .{ .end = end, .is_last = true };
    for ([_][]const u8{ "™", "®", "©" }, 0..) |sign, i| if (scan.has(text, at, sign)) {
        spoken.word(scan.nth("trademark registered copyright", i));
        return .{ .end = at + sign.len, .is_last = true };
    };
    switch (byteAt(text, at)) {
        '&' => if (is_before_word) spoken.word("and") else return null,
        '=' => if (is_before_word) spoken.word("equals") else return null,
        '^' => if (is_before_word) spoken.word("to the power of") else return null,
        '+' => {
            spoken.word("plus");
            if (byteAt(text, at + 1) == '+') {
                spoken.word("plus");
                return .{ .end = at + 2, .is_last = true };
            }
            if (!is_before_word) return .{ .end = at + 1, .is_last = true };
        },
        '#' => {
            if (is_before_word or letters.len != 1) return null;
            spoken.word("sharp");
            return .{ .end = at + 1, .is_last = true };
        },
        else => return null,
    }
    return .{ .end = at + 1, .is_last = false };
}
