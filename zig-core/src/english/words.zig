//! English abbreviations, acronyms, Roman numerals, and names made of letters and digits.

const scan = @import("scan.zig");
const numbers = @import("numbers.zig");
const dates = @import("dates.zig");
const quantities = @import("quantities.zig");
const web = @import("web.zig");
const Reader = scan.Reader;
const Words = scan.Words;

/// Every form that begins with a letter.
pub fn word(r: *const Reader, at: usize) usize {
    const end = r.lettersEnd(at);
    // Nearly all words are small, and end so that they are no form.
    const next = r.byte(end);
    if ((next < '#' or scan.anyOf("');?", next) or next == ',') and !r.has(at, "vs")) {
        for (at..end) |letter| {
            if (r.isUpper(letter)) break;
        } else return 0;
    }
    return r.first(at, &.{
        web.address, quantities.money, dates.monthFirst, abbreviation, initials, formula, roman, initial, state, spelledCode,
        joined,      hyphened,
    });
}

// Abbreviations. A full stop that is also the sentence's stays.

/// Before a name.
const titles = "Mr=mister|Mrs=missus|Ms=miz|Mt=mount|Prof=professor|Gov=governor|Sen=senator|" ++
    "Rep=representative|Gen=general|Capt=captain|Lt=lieutenant|Sgt=sergeant|Col=colonel|" ++
    "Maj=major|Cpl=corporal|Pvt=private|Adm=admiral|Cmdr=commander|Rev=reverend|Hon=honorable|" ++
    "Pres=president|Ft=fort|Supt=superintendent";
/// Before a number.
const numbered = "no=number|nos=numbers|p=page|pp=pages|fig=figure|figs=figures|vol=volume|" ++
    "vols=volumes|ch=chapter|sec=section|sect=section|para=paragraph|ref=reference|rte=route|ca=circa|c=circa|ext=extension|art=article|" ++
    "eq=equation|op=opus|est=established";
const general = "etc=et cetera|vs=versus|inc=incorporated|corp=corporation|co=company|ltd=limited|" ++
    "ave=avenue|blvd=boulevard|rd=road|ln=lane|ct=court|ter=terrace|pkwy=parkway|hwy=highway|" ++
    "sq=square|pl=place|apt=apartment|ste=suite|bldg=building|dept=department|" ++
    "approx=approximately|est=estimated|avg=average|max=maximum|min=minimum|misc=miscellaneous|" ++
    "incl=including|excl=excluding|govt=government|univ=university|assn=association|" ++
    "intl=international|ext=extension|tel=telephone|temp=temperature|" ++
    "jr=junior|sr=senior|bros=brothers|esq=esquire";
/// Of these, what never ends a sentence before a capital.
const within_names = "jr|sr|bros|vs";
/// Of all, those that are also written without a full stop.
const without_stop = "vs|Mr|Mrs|Ms|Mt|Inc|Ltd|Corp|Ave|Blvd|Rd|Hwy|Pkwy|Jr|Sr";
/// Those with a mark within.
const marked = "Ph.D=P H D|w/=with|w/o=without|b/c=because|n/a=N A|N/A=N A|km/h=kilometers per hour|" ++
    "m/s=meters per second";
const latin = "e.g=for example|i.e=that is";
/// A title and a road.
const doubtful = "Dr=doctor;drive|St=saint;street";

fn abbreviation(r: *const Reader, at: usize) usize {
    const end = r.lettersEnd(at);
    const has_stop = r.byte(end) == '.';
    const after_stop = end + @intFromBool(has_stop);
    const marked_end = r.lettersEnd(end + 1);
    if (!r.isWord(marked_end)) if (r.find(marked, at, marked_end) orelse r.findFolded(latin, at, marked_end)) |said| {
        r.say(said);
        return r.stopEnd(marked_end, true);
    };
    if (r.find(doubtful, at, end)) |readings| return titleOrRoad(r, at, end, readings);
    if (!has_stop and !r.isListed(without_stop, at, end)) return 0;
    if (r.find(titles, at, end)) |title| {
        if (!has_stop and !r.isCapitalAfter(after_stop)) return 0;
        r.say(title);
        return r.stopEnd(end, true);
    }
    if (has_stop and end > at + 2 and end < at + 6 and isDated(r, after_stop)) for (0..7) |i| {
        const name = scan.nth(scan.weekdays, i);
        if (!scan.begins(name, r.text[at..end], 0)) continue;
        r.say("");
        r.glueByte(name[0] | 0x20);
        r.glue(name + 1);
        return after_stop;
    };
    // Titles apart, capitals within are none.
    if (r.isUpper(at + 1) and end > at + 1) return 0;
    if (r.findFolded(numbered, at, end)) |name| if (has_stop) {
        const start = r.spacesEnd(after_stop);
        if (r.isDigit(start) or romanValue(r, start, r.afterEnd(after_stop)) > 1) {
            r.say(name);
            // An unparted number is left to be read with a space before it.
            return if (start > after_stop) after_stop else quantities.number(r, after_stop);
        }
    };
    r.say(r.findFolded(general, at, end) orelse return 0);
    return if (has_stop) r.stopEnd(end, r.findFolded(within_names, at, end) != null) else end;
}

/// Whether the rest of a date or another day follows: `Sat.` and `Sun.` end sentences too.
fn isDated(r: *const Reader, at: usize) bool {
    const start = r.spacesEnd(at);
    return r.isDigit(start) or r.isAny(start, ",-") or r.monthAfter(at) > 0;
}

/// Words that begin a sentence rather than go on behind initials.
const beginnings = "the|a|an|this|that|these|those|he|she|it|we|they|you|i|his|her|its|our|their|my|your|in|on|at|but|" ++
    "and|so|if|when|while|there|what|who|how|why|as|for|since|after|before|however|yet|no|not";

/// Words with a letter behind them that is no name's.
const lettered = "plan|vitamin|type|hepatitis|group|class|grade|section|appendix|part|exhibit|point|option|team|" ++
    "model|category|schedule|phase|building|gate|terminal|room|block|zone|unit|level|series|generation";

/// `George W. Bush`, `J. Smith`, `C. S. Lewis`: a capital with a full stop that is not the sentence's.
fn initial(r: *const Reader, at: usize) usize {
    const end = at + 2;
    if (!r.isUpper(at) or r.byte(at + 1) != '.' or !r.isCapitalAfter(end)) return 0;
    const is_followed = r.byte(r.spacesEnd(end) + 1) == '.';
    if (!is_followed) {
        if (r.isAfter(end, beginnings)) return 0;
        // The first letters number the parts of a text.
        if (r.isSentenceStart(at)) {
            if (r.byte(at) < 'F' or r.byte(at) == 'I') return 0;
        } else if (!r.isUpper(r.beforeStart(at)) or r.isBefore(at, lettered)) return 0;
    }
    r.spell(at, at + 1);
    return end;
}

/// `U.S.`, `a.m.`, `J.R.R.`, `M.D.s`: single letters with full stops between, and behind the last.
fn initials(r: *const Reader, at: usize) usize {
    if (r.byte(at -% 1) == '.') return 0;
    var end = at;
    while (true) {
        if (r.lettersEnd(end) != end + 1) return 0;
        const is_plural = end > at + 2 and r.byte(end) == 's' and r.byte(end + 1) != '.';
        if (is_plural) r.glue("'s") else r.spell(end, end + 1);
        end += 1;
        if (r.byte(end) != '.' or !r.isLetter(end + 1)) break;
        end += 1;
    }
    const after_stop = end + @intFromBool(r.byte(end) == '.');
    if (end == at + 1 or r.isWord(after_stop)) return 0;
    return r.stopEnd(end, !r.isAfter(after_stop, beginnings));
}

const landforms = "Mount|Mt.|Fort|Ft.|Lake|Port|Cape|Sault|East|West|North|South|Old|New";

/// `Dr. Smith` and `Elm Dr.`, `St. John` and `Main St.`: a title when a name follows, unless a name
/// stands before it that does not begin the sentence.
fn titleOrRoad(r: *const Reader, at: usize, end: usize, readings: Words) usize {
    const after_stop = end + @intFromBool(r.byte(end) == '.');
    if (r.isWord(after_stop) or r.byte(after_stop) == '-') return 0;
    const start = r.beforeStart(at);
    // A name, or an ordinal (`42nd St.`).
    const is_after_name = start < at and (r.isUpper(start) or r.isDigit(start)) and !r.isBefore(at, landforms);
    if (r.isCapitalAfter(after_stop) and !(is_after_name and !r.isSentenceStart(start))) {
        r.say(readings);
        return after_stop;
    }
    if (!is_after_name) return 0;
    r.say(scan.rest(readings));
    return r.stopEnd(end, false);
}

const states = "AL=alabama|AK=alaska|AZ=arizona|AR=arkansas|CA=california|CO=colorado|CT=connecticut|" ++
    "DE=delaware|FL=florida|GA=georgia|HI=hawaii|ID=idaho|IL=illinois|IN=indiana|IA=iowa|KS=kansas|" ++
    "KY=kentucky|LA=louisiana|ME=maine|MD=maryland|MA=massachusetts|MI=michigan|MN=minnesota|" ++
    "MS=mississippi|MO=missouri|MT=montana|NE=nebraska|NV=nevada|NH=new hampshire|NJ=new jersey|" ++
    "NM=new mexico|NY=new york|NC=north carolina|ND=north dakota|OH=ohio|OK=oklahoma|OR=oregon|" ++
    "PA=pennsylvania|RI=rhode island|SC=south carolina|SD=south dakota|TN=tennessee|TX=texas|UT=utah|" ++
    "VT=vermont|VA=virginia|WA=washington|WV=west virginia|WI=wisconsin|WY=wyoming";
/// States that are also words or degrees: only with a ZIP code.
const doubtful_states = "HI|ID|IN|LA|ME|MD|MA|MS|OH|OK|OR|PA";

/// `TX` after a town and a comma, with the ZIP code that follows.
fn state(r: *const Reader, at: usize) usize {
    const end = at + 2;
    if (at < 3 or !r.has(at - 2, ", ") or !r.isLetter(at - 3) or end != r.lettersEnd(at)) return 0;
    if (!r.sayFound(states, at, end)) return 0;
    const zip = r.spacesEnd(end);
    var zip_end = r.digitsEnd(zip);
    if (zip_end == zip + 5 and zip > end and !r.isWord(zip_end)) {
        const long_end = r.digitsEnd(zip_end + 1);
        if (r.byte(zip_end) == '-' and long_end == zip_end + 5) zip_end = long_end;
        numbers.digits(r, zip, zip_end);
        return zip_end;
    }
    const is_doubtful = r.isListed(doubtful_states, at, end) or r.isWord(end) or r.isCapitalAfter(end);
    return if (is_doubtful) 0 else end;
}

// Roman numerals.

/// Words before a numeral that is read as a number; in small letters.
const roman_numbered = "chapter|act|scene|part|volume|vol|book|article|section|war|bowl|title|type|class|" ++
    "phase|stage|level|appendix|figure|fig|table|canto|episode|round|unit|lesson|psalm|division|" ++
    "region|schedule|tier|factor|mark|apollo";
const regnal = "Henry|Louis|George|Edward|Charles|James|William|Richard|Elizabeth|Philip|Napoleon|Frederick|" ++
    "Peter|Catherine|Nicholas|Alexander|Ivan|Paul|John|Benedict|Pius|Leo|Gregory|Clement|Innocent|Urban|" ++
    "Boniface|Ferdinand|Francis|Victor|Otto|Umberto|Ramses|Ptolemy|Xerxes|Cyrus|Darius|Mehmed|Haakon|" ++
    "Harald|Olaf|Christian|Gustav|Carl|Leopold|Albert|Baldwin|Wilhelm|Robert|David|Alfonso|Pedro|Juan|" ++
    "Felipe|Margrethe|Mary|Kenneth|Stephen|Theodore|Constantine|Joseph|Murad|Selim|Thomas";
const rulers = "King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Sultan|Prince";
const not_numbered = "The|A|An|This|That|His|Her|My|Our|Their|In|On|At|And|For|No|With";
const centuries = "century|centuries";

/// The value of a Roman numeral in its usual spelling, else 0.
fn romanValue(r: *const Reader, start: usize, end: usize) u64 {
    const signs = "M|CM|D|CD|C|XC|L|XL|X|IX|V|IV|I";
    const values = [_]u16{ 1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1 };
    var sum: u64 = 0;
    var at = start;
    for (values, 0..) |value, i| {
        const sign = scan.nth(signs, i);
        const most: usize = if (i % 4 == 0) 3 else 1;
        for (0..most) |_| if (at < end and r.has(at, sign)) {
            sum += value;
            at += @as(usize, 2) - (i + 1) % 2;
        };
    }
    return if (at == end) sum else 0;
}

fn roman(r: *const Reader, at: usize) usize {
    const end = r.lettersEnd(at);
    const number = romanValue(r, at, end);
    if (number == 0 or r.byte(end) == '-' or r.isWord(end)) return 0;
    const is_of_century = r.isAfter(end, centuries);
    switch (if (is_of_century) Reading.ordinal else romanReading(r, at, end)) {
        .none => return 0,
        .cardinal => numbers.cardinal(r, number),
        .ordinal => {
            if (!is_of_century) r.say("the");
            numbers.ordinal(r, number);
        },
    }
    return end;
}

const Reading = enum { none, cardinal, ordinal };

/// How a Roman numeral is read here.
fn romanReading(r: *const Reader, at: usize, end: usize) Reading {
    const start = r.beforeStart(at);
    const stop_end = r.beforeEnd(at);
    const previous_end = stop_end - @intFromBool(stop_end > start and r.byte(stop_end - 1) == '.');
    const is_one = end == at + 1 and r.byte(at) == 'I';
    if (previous_end <= start) return .none;
    if (r.isListed(regnal, start, previous_end)) {
        return if (is_one and !r.isBefore(start, rulers) and !r.isAfter(end, "of")) .none else .ordinal;
    }
    const is_capitalised = r.isUpper(start);
    if (r.findFolded(roman_numbered, start, previous_end) != null) {
        return if (is_one and !is_capitalised) .none else .cardinal;
    }
    if (end == at + 1 or !is_capitalised or r.isListed(not_numbered, start, previous_end)) return .none;
    for (at..end) |letter| if (!r.isAny(letter, "IVX")) return .none;
    return if (r.isBefore(start, regnal)) .ordinal else .cardinal;
}

// Capitals.

/// Read letter by letter although they could be words.
const spelled = "FBI|CIA|USA|UFO|CEO|CFO|CTO|COO|EU|UN|UAE|AI|IRS|EPA|FDA|NBA|NYC|API|CPU|GPU|USB|URL|ATM|DIY|" ++
    "VIP|HIV|DNA|RNA|IPO|IBM|ACLU|UCLA|YMCA|AARP|ASAP|IMHO|NAACP|EST|USAID|IOC|IMF|UEA|BBC|ABC|ACC|AAA|" ++
    "OPM|SUV|SUVS|AFC|ICBM";
/// Acronyms of two or three letters, and hard ones, that are read as words.
const read_as_words = "RAM|ROM|SIM|PIN|GIF|LAN|WAN|ZIP|CAD|TED|PAC|DOS|ICE|OK|YAML|MR|MRS|MS|DR|HMM|SHH|PSST|" ++
    "NET|SARS|NASA|NATO|AIDS|FIFA|OPEC|FEMA|OSHA|COVID|IKEA|SWAT|NAFTA";
/// Words that are written in capitals for their weight.
const common = "A|I|AM|AN|AS|AT|BE|BY|DO|GO|HE|IF|IN|IS|ME|MY|NO|OF|OH|ON|OR|SO|TO|UP|WE|ALL|AND|ANY|ARE|BAD|BIG|" ++
    "BUT|BUY|CAN|DAY|DID|END|FEW|FOR|FUN|GET|GOT|HAD|HAS|HER|HEY|HIM|HIS|HOT|HOW|ITS|LET|LOT|MAN|MAY|MEN|" ++
    "NEW|NOT|NOW|OFF|OLD|ONE|OUR|OUT|OWN|PUT|RED|RUN|SAD|SAY|SEE|SET|SHE|SIX|TEN|THE|TOO|TOP|TRY|TWO|USE|" ++
    "WAR|WAS|WAY|WHY|WIN|WON|YES|YET|YOU";
/// Acronyms that are words too.
const double = "US|IT|WHO|AM";

/// Read otherwise than letter by letter or as they stand.
pub const special = "JPEG=jay peg|JSON=jason|PhD=P H D|iOS=I O S|pH=P H|WWII=world war two|WWI=world war one|" ++
    "IEEE=I triple E|kWh=kilowatt hour|GHz=gigahertz|MHz=megahertz|kHz=kilohertz|Mbps=megabits per second";

const onsets = "bl|br|ch|cl|cr|dr|dw|fl|fr|gl|gr|kl|kn|kr|ph|pl|pr|qu|rh|sc|sh|sk|sl|sm|sn|sp|st|sv|sw|th|tr|tw|" ++
    "wh|wr|str|spr|scr|spl|thr|sch|chr|shr|squ";
const codas = "ck|ct|ft|ld|lf|lk|lm|lp|lt|lth|mb|mp|mpt|nc|nch|nd|nds|ng|ngs|nk|nt|nth|nts|pt|rb|rd|rds|rf|rg|rk|" ++
    "rks|rl|rld|rm|rn|rp|rs|rst|rt|rth|sh|sk|sp|ss|st|sts|th|ch|tch|ll|ff|ns|ds|ps|ms|ts|ks|ls|gs|ght|rch|cks|rr";

noinline fn isVowelOrY(byte: u8) callconv(.c) bool {
    return scan.anyOf("aeiouy", byte | 0x20);
}

pub noinline fn hasVowel(r: *const Reader, start: usize, end: usize) callconv(.c) bool {
    return r.runEnd(start, isConsonant) < end;
}

fn isConsonant(byte: u8) callconv(.c) bool {
    return scan.isLetterByte(byte) and !isVowelOrY(byte);
}

/// Whether letters could be an English word by their clusters of consonants.
noinline fn isPronounceable(r: *const Reader, start: usize, end: usize) callconv(.c) bool {
    if (end - start >= 7) return true;
    var at = start;
    while (at < end) {
        const cluster = at;
        at = @min(end, r.runEnd(at, isConsonant));
        const is_first = cluster == start;
        const is_last = at == end;
        if (is_first and is_last) return false;
        // Within a word all but the first consonant must be able to begin a syllable.
        const onset = if (is_first or is_last) cluster else cluster + 1;
        const clusters: Words = if (is_last) codas else onsets;
        if (at > onset + 1 and r.findFolded(clusters, onset, at) == null) return false;
        const vowels = at;
        at = @min(end, r.runEnd(at, isVowelOrY));
        if (at > vowels + 3) return false;
    }
    return true;
}

noinline fn isSpelled(r: *const Reader, start: usize, end: usize, is_loud: bool) callconv(.c) bool {
    if (r.isListed(spelled, start, end)) return true;
    if (r.isListed(read_as_words, start, end)) return false;
    if (!hasVowel(r, start, end)) return true;
    if (is_loud) return false;
    if (end > start + 3) return !isPronounceable(r, start, end);
    return r.isListed(double, start, end) or !r.isListed(common, start, end);
}

/// Whether a word in capitals stands among words, not acronyms, in capitals.
fn isLoud(r: *const Reader, start: usize, end: usize) bool {
    var at = start;
    for (0..4) |_| {
        const word_end = wordEndBefore(r, at);
        at = word_end;
        while (at > 0 and r.isUpper(at - 1)) at -= 1;
        if (at == word_end or r.isWordBefore(at)) break;
        if (isLoudWord(r, at, r.lettersEnd(at))) return true;
    }
    at = end;
    for (0..4) |_| {
        while (at < r.text.len and !r.isLetter(at)) : (at += 1) {
            if (r.text[at] == '\n' or r.text[at] >= 0x80) return false;
        }
        const next_end = r.lettersEnd(at);
        if (!r.isCapitals(at, next_end)) break;
        if (isLoudWord(r, at, next_end)) return true;
        at = next_end;
    }
    return false;
}

/// Where the word before `at` in its line ends, else 0.
fn wordEndBefore(r: *const Reader, at: usize) usize {
    var end = at;
    while (end > 0 and !r.isWordBefore(end)) : (end -= 1) if (r.text[end - 1] == '\n') return 0;
    return end;
}

noinline fn isLoudWord(r: *const Reader, start: usize, end: usize) callconv(.c) bool {
    if (end < start + 2 or r.isListed(spelled, start, end) or r.isListed(read_as_words, start, end)) return false;
    return if (end < start + 4) r.isListed(common, start, end) else isPronounceable(r, start, end);
}

/// US, IT, WHO and AM outside of loud text.
fn isDoubleWord(r: *const Reader, start: usize, end: usize) bool {
    if (r.isListed("IT", start, end)) return r.byte(end) == '!';
    if (!r.isListed("WHO", start, end)) return false;
    for (r.text[end..]) |byte| if (scan.anyOf("?.!\n", byte)) return byte == '?';
    return false;
}

/// Capitals where there is nothing to tell acronyms from words by: letters or a word.
pub noinline fn acronym(r: *const Reader, start: usize, end: usize) void {
    if (isSpelled(r, start, end, false)) r.spell(start, end) else r.copy(start, end);
}

/// A word with its hyphens of which at least one part is rewritten: `FBI-led`, `USB-C`, `CEOs`.
fn hyphened(r: *const Reader, at: usize) usize {
    var is_changed = false;
    var start = at;
    while (true) {
        const letters_end = r.lettersEnd(start);
        var end = letters_end;
        const apostrophe_end = r.apostropheEnd(end);
        if (r.isLetter(apostrophe_end) and apostrophe_end > 0) end = r.lettersEnd(apostrophe_end);
        if (r.isWord(end)) return 0;
        if (part(r, start, letters_end, end)) is_changed = true else r.copy(start, end);
        start = end;
        if (r.byte(end) != '-' or !r.isLetter(end + 1)) break;
        start = end + 1;
    }
    return if (is_changed) start else 0;
}

/// Says a part of a word when it is not read as it stands. The apostrophe and what is behind it go
/// from `letters_end` to `end`.
fn part(r: *const Reader, start: usize, letters_end: usize, end: usize) bool {
    var has_s = end > letters_end;
    if (has_s and r.possessiveEnd(letters_end) != end) return false;
    var last = letters_end;
    if (!r.sayFound(special, start, letters_end)) {
        if (last > start + 2 and r.byte(last - 1) == 's') {
            last -= 1;
            if (!r.isUpper(last - 1)) return false;
            has_s = true;
        }
        if (!r.sayFound(special, start, last)) {
            var capitals = last;
            while (capitals > start and r.isUpper(capitals - 1)) capitals -= 1;
            if (last < capitals + 2) return false;
            if (capitals > start) {
                // OpenAI, but no name with a capital within (McDONALD).
                if (!r.isLower(capitals - 1) or !isSpelled(r, capitals, last, false)) return false;
                r.copy(start, capitals);
            } else {
                if (isDoubleWord(r, start, end) or !isSpelled(r, start, last, isLoud(r, start, end))) return false;
            }
            r.spell(capitals, last);
        }
    }
    if (has_s) {
        const is_plain = scan.isLowerByte(r.last()) and end == letters_end;
        r.glue(if (is_plain) "s" else "'s");
    }
    return true;
}

// Letters and digits.

/// `MP3`, and with a hyphen behind capitals `F-150`.
fn spelledCode(r: *const Reader, at: usize) usize {
    const end = r.lettersEnd(at);
    const is_hyphened = r.byte(end) == '-' and r.isCapitals(at, end);
    return if (r.isDigit(end + @intFromBool(is_hyphened))) code(r, at) else 0;
}

/// `H₂O`, `NaHCO₃`, `x₁`: letters before and between subscripts, of which no two small ones meet.
fn formula(r: *const Reader, at: usize) usize {
    var end = at;
    while (true) {
        const start = end;
        end = r.lettersEnd(start);
        for (start..end) |letter| if (r.isLower(letter) and r.isLower(letter + 1)) return 0;
        r.spell(start, end);
        var number: u64 = 0;
        const subscript = end;
        // U+2080 to U+2089
        while (r.has(end, "\xe2\x82") and r.byte(end + 2) -% 0x80 < 10) : (end += 3) {
            number = @min(number * 10 + r.byte(end + 2) - 0x80, 1_000_000);
        }
        if (end == subscript) return if (start > at and !r.isWord(end)) end else 0;
        numbers.cardinal(r, number);
    }
}

/// `MP3`, `F-16`, `R2-D2`, `1080p`, `COVID-19`: runs of letters and digits, from either.
pub fn code(r: *const Reader, at: usize) usize {
    const version_end = r.attempt(at, version);
    if (version_end > 0) return version_end;
    var end = at;
    var has_letters = false;
    var has_digits = false;
    while (true) {
        const start = end;
        if (r.isLetter(start)) {
            end = r.lettersEnd(start);
            codeLetters(r, start, end, start > at and r.isDigit(start - 1));
            has_letters = true;
        } else if (r.isDigit(start)) {
            end = r.digitsEnd(start);
            numbers.label(r, start, end);
            while (r.isAny(end, ".,") and r.isDigit(end + 1)) {
                if (r.byte(end) == '.') r.say("point");
                const decimals = end + 1;
                end = r.digitsEnd(decimals);
                numbers.digits(r, decimals, end);
            }
            has_digits = true;
        } else if (r.byte(start) == '-' and start > at and isCodeHyphen(r, start)) {
            end += 1;
        } else break;
    }
    return if (has_letters and has_digits and !r.isWord(end)) end else 0;
}

/// Whether letters or digits behind a hyphen belong to the same name: digits behind letters, and
/// capitals behind digits.
fn isCodeHyphen(r: *const Reader, at: usize) bool {
    const start = at + 1;
    if (r.isDigit(start)) return r.isUpper(at - 1);
    const end = r.lettersEnd(start);
    return r.isCapitals(start, end) and !r.isWord(end) or r.isUpper(start) and r.isDigit(end);
}

fn codeLetters(r: *const Reader, start: usize, end: usize, is_after_digits: bool) void {
    const has_s = r.byte(end - 1) == 's';
    if (is_after_digits and has_s and end == start + 1) return numbers.plural(r);
    const has_plural = has_s and r.isCapitals(start, end - 1);
    const last = if (has_plural) end - 1 else end;
    const is_spelled = last < start + 3 or
        if (r.isCapitals(start, last)) isSpelled(r, start, last, false) else !isPronounceable(r, start, last);
    if (is_spelled) r.spell(start, last) else r.copy(start, last);
    if (has_plural) r.glue(if (is_spelled) "'s" else "s");
}

/// `v2.0`.
fn version(r: *const Reader, at: usize) usize {
    var numeral: numbers.Numeral = undefined;
    if (r.byte(at) != 'v' or !r.isDigit(at + 1) or !numbers.numeralAt(r, at + 1, &numeral)) return 0;
    if (numeral.kind == .list or r.isWord(numeral.end)) return 0;
    r.say("version");
    numbers.sequence(r, numeral.start, numeral.end, "point", false);
    return numeral.end;
}

// Signs between letters.

/// `R&D`, `C++`, `C#`, `x=5`, `mc^2`, `Lego®`.
fn joined(r: *const Reader, at: usize) usize {
    var start = at;
    while (true) {
        const end = r.lettersEnd(start);
        // Behind a word a superscript is a footnote's.
        const is_symbol = end == start + 1 or (end == start + 2 and !hasVowel(r, start, end));
        const power_end = if (is_symbol or r.byte(end) == '^') quantities.powerEnd(r, end) else 0;
        const is_spelled = end > start + 1 and r.isCapitals(start, end) and
            (end < start + 4 or isSpelled(r, start, end, false));
        if (is_spelled or (is_symbol and power_end > 0)) r.spell(start, end) else r.copy(start, end);
        if (r.byte(end) == '#' and end == start + 1 and !r.isAlnum(end + 1)) {
            r.say("sharp");
            return end + 1;
        }
        if (power_end > 0) {
            quantities.power(r, end);
            return power_end;
        }
        const mark = r.spoken.length;
        const sign_end = quantities.sign(r, end, 'j');
        const goes_on = r.isAlnum(end + 1);
        // `™` and the like, `+` and `++` end a name.
        if (sign_end > end + 1) return sign_end;
        if (sign_end > 0 and r.byte(end) == '+' and !goes_on) {
            return if (r.byte(sign_end) == '+') quantities.sign(r, sign_end, 'j') else sign_end;
        }
        if (sign_end == 0 or !goes_on) {
            r.spoken.length = mark;
            return if (start > at) end else 0;
        }
        start = sign_end;
        if (r.isDigit(start)) return quantities.number(r, start);
    }
}
