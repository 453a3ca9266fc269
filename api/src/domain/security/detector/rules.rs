//! What attacks look like, beside what libinjection knows. Patterns are linear: no look-around, no back-references.

use super::Category::{self, *};
use Weight::{Critical, Error, Notice, Warning};

/// How much a match says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// An attack, and nothing that people write.
    Critical,
    /// Rarely anything else.
    Error,
    /// Needs something beside it.
    Warning,
    /// A hint.
    Notice,
}

impl Weight {
    /// Points towards a verdict.
    pub const fn points(self) -> u32 {
        match self {
            Critical => 5,
            Error => 4,
            Warning => 3,
            Notice => 2,
        }
    }
}

/// The form of a value that a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Decoded, small letters.
    Text,
    /// With one kind of slash.
    Path,
    /// Without quotes, carets, backslashes and blanks.
    Bare,
    /// As it came.
    Raw,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable name: category and subject.
    pub id: &'static str,
    pub category: Category,
    pub weight: Weight,
    pub view: View,
    pub pattern: &'static str,
}

const fn rule(
    category: Category,
    weight: Weight,
    view: View,
    id: &'static str,
    pattern: &'static str,
) -> Rule {
    Rule { id, category, weight, view, pattern }
}

/// Commands of shells that are no words of Dutch or English.
const SHELL: &str = "whoami|ifconfig|ipconfig|netstat|uname|hostname|wget|curl|bash|dash|ksh|zsh|csh|tcsh|pwd|chmod|chown|chgrp|useradd|userdel|adduser|usermod|crontab|nslookup|dig|netsh|systeminfo|tasklist|taskkill|powershell|pwsh|perl|python[0-9.]*|ruby|php[0-9.]*|nodejs|lua|gcc[0-9.]*|ncat|netcat|nc|telnet|ssh|scp|sftp|ssh-copy-id|tftp|rsync|socat|sudo|dpkg|apt-get|yum|awk|gawk|sed|grep|egrep|fgrep|xxd|base64|base32|hexdump|openssl|gzip|gunzip|zcat|zstdcat|bzcat|xzcat|mkfifo|mknod|rmdir|mkdir|iptables|lsof|strace|gdb|tcpdump|nmap|lastlog|getent|printenv|wmic|cscript|wscript|mshta|certutil|bitsadmin|rundll32|regsvr32|icacls|cacls|schtasks|attrib|xcopy|robocopy|findstr|iex|iwr|vim?|rm|ls|ps|df|du|id|cp|mv|ln|sh|cc|ll|mount|umount|passwd|arp|ping[6]?|traceroute|tracert|iwconfig|w3m|lynx|rmt|rmt-dump|bzip2|ftp|env|xargs|nohup|setarch|busybox|docker|kubectl|ansible[a-z-]*|chef-[a-z]+|rpm";
/// Commands of shells that are words, too.
const WORD: &str = "cat|head|tail|more|less|find|sort|time|who|date|type|host|set|test|kill|make|mail|which|top|cut|split|diff|touch|tee|echo|printf|dir|del|copy|move|net|ver|systemctl|service|sleep|exec|eval|source|alias|export|expr|last|finger|uptime|halt|reboot|shutdown|rev|tac|wc|nl|od|at|ex|ed|cd|flock|watch|gem|pip|npm|git|jobs|history|python|node|start|call|w|man|view|look|join|paste|fold|fmt|logname|tty|stat|file|strings|column|unlink|link|install|dd|read";

/// Rules of commands that look at headers: those name programs and versions between brackets and semicolons.
const IN_HEADERS: [&str; 3] = ["command/code", "command/shellshock", "command/substitution"];

/// All rules. Names of commands stand in `{shell}` and `{word}`.
pub const RULES: &[Rule] = &[
    // ── SQL ──
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/union-select",
        r#"\bunion(\s|\(|all|distinct)+select\s*([(@*'"0-9~!+{$-]|null|char|concat|version|user|database|table_|column_|load_file|[a-z_0-9.@]+\s*(,|\s(from|into|--|#|$))|$)"#,
    ),
    rule(Sql, Warning, View::Text, "sql/union-words", r"\bunion(\s|\(|all|distinct)+select\b"),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/catalogue",
        r"\b(information_schema|sysobjects|syscolumns|sysusers|pg_catalog|pg_shadow|pg_user|pg_sleep|pg_read_file|sqlite_master|sqlite_schema|sqlite_version|msysobjects|all_tables|all_users|user_tables|all_tab_columns|user_tab_columns|mysql\.(user|db|admin)|master\.\.|sys\.(databases|tables|columns|objects|user_objects|schemas|sql_logins)|xp_cmdshell|xp_dirtree|xp_regread|xp_\w{4,}|sp_executesql|sp_password|sp_makewebtask|sp_oacreate|sp_\w{5,}|utl_(http|inaddr|file)|dbms_\w+|ctxsys\.\w+|v\$version|all_source|benchmark\s*\(|load_file\s*\(|extractvalue\s*\(|updatexml\s*\(|group_concat\s*\(|concat_ws\s*\(|json_keys\s*\(|randomblob\s*\(|waitfor\s+(delay|time)\b|into\s+(out|dump)file|load\s+data\s+(local\s+)?infile|procedure\s+analyse|in\s+boolean\s+mode|bulk\s+insert|openrowset|openquery)",
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/server-variable",
        r"@@(version|hostname|datadir|basedir|servername|global|session|innodb|tmpdir|plugin|log|user|spid|connections|max|language|microsoftversion|new|sql|tx|identity|rowcount)\w*",
    ),
    rule(Sql, Critical, View::Text, "sql/delay", r"\b(sleep|pg_sleep|delay|benchmark)\s*\(\s*[\w'\x22(_]"),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/always-true",
        r#"(['"`)]\s*\)*\s*|^[\w-]*\s+)(or|and|xor|\|\||&&|having|where)\b[\s(!~+'"-]*[a-z0-9_.]+['")\s]*(=|<>|!=|<=>|<|>|\blike\b|\brlike\b|\bregexp\b|\bsounds\s+like\b)[\s('"+-]*\w*['")\s]*(--|#|;|/\*|$|\bor\b|\band\b|\|\||&&|\blimit\b|\bunion\b)"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/always-true-quoted",
        r#"['"]\s*\)*\s*(\b(or|and|xor|having|like|rlike|regexp|div|mod)\b|\|\||&&|<>|!=)\s*[\s(!~+-]*['"(]+[\w%.-]*['")]*\s*(=|<|>|\blike\b|\bin\b|\bis\b|\bbetween\b|['"]\s*$|$)"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/equal-numbers",
        r#"(\b(or|and|xor|where|having|not|when|if)|\|\||&&)[\s('"+!-]*([0-9]+)['")\s]*(=|<|>|like)+[\s('"]*[0-9]+"#,
    ),
    rule(
        Sql,
        Warning,
        View::Text,
        "sql/condition",
        r#"(['"`)]\s*|^[\w-]*\s+)(or|and)\s+\(?\s*(not\s+)?(\w+\s*(=|<>|!=|>=|<=)\s*['"\w(]|true|false|exists|null|'|\(select)"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/statement",
        r#"(^|[;'")\s])\s*(drop\s+(table|database|user|view|index|procedure|function|schema|column)\s+\w+\s*($|;|--|#|cascade|if\b)|truncate\s+table\s+\w|alter\s+(table|user|database|login)\s+\w+\s+(add|drop|modify|rename|set|alter|identified|with|disable)|create\s+(table|user|database|function|procedure|or\s+replace|login|trigger|view)\s+[\w.`'"]+\s*(\(|as\b|identified|returns|with\b|;|--|#)|insert\s+into\s+[\w.`]+\s*(\(|values|select|set)|delete\s+from\s+[\w.`]+\s*(where|;|--|#|$)|update\s+[\w.`]+\s+set\s+[\w.`]+\s*=|grant\s+\w+.*\bto\b\s+\w+\s*($|;|--|identified|with)|exec(ute)?(\s+immediate|\s*\(|\s+(master|sp_|xp_|@))|declare\s+@|shutdown\s*(with|;|--|$)|merge\s+into|call\s+\w+\s*\(|handler\s+\w+\s+(open|read)|rename\s+table|set\s+@\w|prepare\s+\w+\s+from)"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/select",
        r#"\bselect\s*(\*|\(|@|['"][^'"]*['"]|`\w|\s\d|distinct\b|all\s+\w+\s*,|top\s+\d|count\b|null\b|case\b|if\s*\(|char|concat|version|user\s*\(|load|sleep|table_|column_|[\w.`]+\s*,|[\w.`]+\s*\(|[\w.`]+(\s*(--|;|\)|/\*)|#))"#,
    ),
    rule(
        Sql,
        Error,
        View::Text,
        "sql/select-from",
        r#"\bselect\s+[\w.*,`()@'"\s+|-]+?\s+from\s+[\w.`(]+\s*(where\b|limit\b|group\b|order\s+by|union\b|having\b|--|#|;|\)|/\*|,|$)"#,
    ),
    rule(Sql, Notice, View::Text, "sql/select-words", r"\bselect\b.+\bfrom\b"),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/order-by-number",
        r#"(^|['")]\s*|^-?\d+\s+)(order|group)\s+by\s+\(?\s*\d+(\s*,|\s*(--|#|;|/\*)|\s*$)"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/order-by",
        r#"\border\s+by\s+\d+\s*(--|#|/\*|,\s*\d)|\border\s+by\s*\(\s*(select|case)|\bhaving\s+\(*['"]?\d+['"]?\s*(=|<|>|like)|\bgroup\s+by\s+[\w.,\s]+\bhaving\b"#,
    ),
    rule(
        Sql,
        Error,
        View::Text,
        "sql/case",
        r"\bcase\s+when\b.+\bthen\b.+\b(else|end)\b|\bif\s*\(.+,.+,.+\)|\biif\s*\(|\bifnull\s*\(|\bnullif\s*\(",
    ),
    rule(
        Sql,
        Warning,
        View::Text,
        "sql/function",
        r"\b(concat|char|chr|nchar|ascii|substring|substr|hex|unhex|version|database|schema|current_user|session_user|system_user|user|make_set|elt|convert|cast|ord|mid|md5|sha1|bin|conv|floor|rand|count|length|char_length|lower|upper|coalesce|row_count|found_rows|last_insert_id|xmltype|to_char|decode|pi|crypt|encrypt|aes_encrypt|name_const|exp|geometrycollection|polygon|multipoint|linestring|uuid|quote|soundex|space|lpad|rpad|insert|field|json_extract|binary|nvl|isnull|exists)\s*\(",
    ),
    rule(
        Sql,
        Warning,
        View::Text,
        "sql/function-twice",
        r"\b(concat|char|chr|ascii|substring|substr|hex|unhex|version|database|user|elt|convert|cast|ord|mid|floor|rand|count|length|ifnull|pi|select)\s*\(.*\b(concat|char|chr|ascii|substring|substr|hex|unhex|version|database|user|elt|convert|cast|ord|mid|floor|rand|count|length|pi|select)\b\s*\(",
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/comment-inside",
        r"/\*!\d*\s*\w|\b(union|select|from|where|and|or|order|insert|update|delete|drop)/\*.*\*/|/\*.*\*/\s*(union|select|from|where|and|or|order)\b",
    ),
    rule(
        Sql,
        Error,
        View::Text,
        "sql/comment-behind-quote",
        r#"['"`)]\s*\)*\s*;?\s*(--|#|/\*|;%00|;\s*--)[\s+-]*$"#,
    ),
    rule(Sql, Notice, View::Text, "sql/comment-at-end", r"[\w)]\s*(--|--\s*-|#|/\*|--\+)\s*$"),
    rule(Sql, Warning, View::Text, "sql/hexadecimal", r"\b0x[0-9a-f]{4,}\b"),
    rule(Sql, Warning, View::Text, "sql/list", r"(,\s*(null|\d+|0x[0-9a-f]+|'[^']*'|char\(|@@)\s*){4,}"),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/authentication",
        r#"(user_?name|user_?id|password|passwd|login|email|uname|pass)\s*(=|is\s+(not\s+)?null|like)\s*['"(;)-]?.*(--|#|;|/\*|')\s*$|\b(admin|root|administrator)['"]\s*\)*\s*(--|#|/\*|or\b|;)"#,
    ),
    rule(
        Sql,
        Error,
        View::Text,
        "sql/subquery",
        r#"[(=<>+*/,!]\s*\(?\s*select\s+[\w*(@'"]|-\s*\(\s*select\b|\b(exists|in|any|all|some)\s*\(\s*select\b|\bselect\s*\(\s*select\b"#,
    ),
    rule(
        Sql,
        Warning,
        View::Text,
        "sql/operator-quoted",
        r#"'\s*\)*\s*(\|\||&&|\^|\+|-|\*|/|%|&|\||<=>|<>|>>|<<|=|<|>|!=|:=|~)\s*[!~+-]*\(*\s*(['(\d!]|\w+\s*['(])|'\s*\)*\s*(or|and|xor|\|\||&&|div|mod)\b\s*\S|'[^']*\bnot\s+(regexp|like|rlike|in|between)\b"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/operator-between-quotes",
        r#"'\s*(not\s+)?(sounds\s+like|regexp|rlike|like|div|mod|xor|between)\s*'|'\w+'\s*(=|<>|like)\s*'\w*|'::\w+|'.*\b(or|and|like|ilike|similar|glob|not|is|in)\b.*(--|#|/\*|;)\s*$"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/begins-with-operator",
        r#"^\W*(or|and|xor|having|where)\s+\(*\s*(not\s+)?['"(]*[\w.]+['"]*\s*(\)\s*)*(=|<|>|!|\blike\b|\bin\s*\()\s*['"(\w]|^\W*(like|in|div|mod|between|when|not\s+in|rlike|regexp)\s*\(|\bfrom\s+[\w.]+\s+where\s+[\w.]+\s*(=|<|>|like|in\b|is\b)"#,
    ),
    rule(
        Sql,
        Critical,
        View::Text,
        "sql/call-cut-off",
        r"\b(concat|chr|ascii|substring|substr|hex|unhex|version|database|user|elt|convert|cast|ord|mid|md5|sha1|trim|ltrim|rtrim|upper|lower|length|len|count|sysdate|now|curdate|load_file|like|ln|log|abs|floor|rand|sin|pi|row_count|if|extractvalue|updatexml|benchmark|sleep|xmltype|to_char|group_concat)\s*[\\?!&$]*\(\s*$",
    ),
    rule(
        Sql,
        Warning,
        View::Text,
        "sql/expression",
        r"\bbetween\s+\(?[\d']+\s*\)?\s+and\s+\(?[\d']+|\bcase\s+(when\b|\w+\s*\().*\bthen\b|::(int|text|jsonb|varchar|numeric)|\bconnection_id\b|\bcurrent_(date|user|time)\b|\bis\s+(not\s+)?null\b|;\s*(delete|insert|select|update|drop|print|analyse|analyze)\b",
    ),
    rule(
        Sql,
        Notice,
        View::Text,
        "sql/operator",
        r#"['"`]\s*(\|\||&&|\^|\+|-|\*|/|%|&|\||=|<>|<=>|>|<|!=|:=|~)\s*[!~+-]*\(*['"`(\d]|['"]\s*\b(is|in|like|rlike|regexp|between|div|mod|xor|or|and)\b\s*(not\b)?\s*(null|true|false|['"(\d])"#,
    ),
    rule(
        Sql,
        Warning,
        View::Text,
        "sql/concatenation",
        r"\|\|\s*(chr|char|'|\(|to_char|utl)|\bchr\s*\(\d+\)\s*\|\||'\s*\|\|\s*'|\bchar\s*\(\s*\d+\s*\)\s*\+",
    ),
    // ── Script ──
    rule(
        Script,
        Critical,
        View::Text,
        "script/element",
        r"<\s*/?\s*(script|iframe|object|embed|applet|frameset|frame|svg|math|isindex|xss|marquee|base|bgsound|keygen|layer|ilayer|portal|noembed|foreignobject|animate(transform|motion)?|vmlframe|template|plaintext|listing|html:\w+|xml:\w+|v:\w+|t:set)\b",
    ),
    rule(
        Script,
        Critical,
        View::Text,
        "script/event",
        r#"<[^>]*[\s/'"`(;]on[a-z]{3,25}\s*=|[\s'"`/>;]on(error|load|unload|abort|click|dblclick|auxclick|contextmenu|mouse\w{2,8}|pointer\w{2,16}|touch\w{3,8}|drag\w{0,7}|drop|key\w{2,6}|focus\w{0,3}|blur|input|change|submit|reset|select\w{0,9}|search|scroll\w{0,3}|resize|wheel|copy|cut|paste|before\w{3,20}|after\w{3,20}|animation\w{3,12}|transition\w{3,10}|toggle|show|begin|end|repeat|message|hashchange|popstate|storage|online|offline|pagehide|pageshow|play\w{0,7}|pause|ended|canplay\w{0,7}|timeupdate|volumechange|seek\w{2,4}|waiting|stalled|suspend|readystatechange|propertychange|activate|deactivate|bounce|finish|start|invalid|fullscreenchange|cuechange|durationchange|loaded\w{4,8}|ratechange|securitypolicyviolation|webkit\w{3,30}|cellchange|controlselect|dataavailable|dataset\w{5,8}|errorupdate|filterchange|help|layoutcomplete|losecapture|move\w{0,5}|rowenter|rowexit|rows\w{6,8}|stop|formdata|unhandledrejection|gotpointercapture|lostpointercapture)\s*=\s*\S"#,
    ),
    rule(
        Script,
        Critical,
        View::Bare,
        "script/scheme",
        r"(java|vb|live|j|ecma)script:[^\s]*[(=;/*{\[$]|data:(text|image/svg|application)/?[\w+]*[^,]{0,40},?[^\s]*?(<|base64|script|%3c)|javascript&colon",
    ),
    rule(
        Script,
        Error,
        View::Text,
        "script/attribute",
        r#"(?:<[^>]*|["'`]\s*)\b(xlink:href|srcdoc|formaction|dynsrc|lowsrc|datasrc|dataformatas|datafld|seeksegmenttime|attributename|fscommand|contenteditable|autofocus|draggable|http-equiv|ping|poster|background|style|srcset|usemap|action)\s*(=|>|/)"#,
    ),
    rule(
        Script,
        Critical,
        View::Text,
        "script/style",
        r#"<\s*style\b|\bexpression\s*\(|-moz-binding|-o-link|behaviou?r\s*:\s*url|@import\b|(?:<[^>]*)style\s*=\s*["'`]?[^>]*?(url|animation|transition|expression|behaviou?r|import|position)\b|@keyframes"#,
    ),
    rule(
        Script,
        Critical,
        View::Text,
        "script/code",
        r"\b(alert|confirm|prompt|eval|settimeout|setinterval|execscript|fetch|atob|btoa|decodeuri(component)?|unescape|print|javascript)\s*(\(|`|&lpar;|\?\.\()|\bnew\s+(function|xmlhttprequest|image)\b|\bfunction\s*\(.*\)\s*\{|=>\s*\{|\bfromcharcode\b|\bdocument\s*(\.|\[)\s*['\x22]?(cookie|write|writeln|location|domain|body|url|referrer|getelement|createelement|queryselector|forms|documentelement|open)|\bwindow\s*(\.|\[)\s*['\x22]?(location|name|open|alert|onload|eval|parent|top)|\b(this|self|top|parent|frames|globalthis)\s*\[|\.(innerhtml|outerhtml|insertadjacenthtml)\b|\blocation\s*(=|\.(href|hash|replace|assign))|\blocalstorage\b|\bsessionstorage\b|\bconstructor\s*[(.\[]|\bimport\s*\(|\bjavascript\s*:\s*(alert|[a-z]+\()",
    ),
    rule(
        Script,
        Warning,
        View::Text,
        "script/code-hint",
        r"\b(alert|confirm|prompt|eval)\b|=\s*alert|throw\s|onerror",
    ),
    rule(
        Script,
        Error,
        View::Text,
        "script/markup",
        r"<\s*(img|image|video|audio|input|button|form|link|meta|details|select|textarea|body|html|head|title|style|table|td|th|tr|div|a|p|b|i|s|x|q|font|br|hr|input|isindex|track|source|picture|map|area|dialog|menu|slot|canvas|xml|bdi|bdo|center|dir|nobr|noframes|noscript|optgroup|rp|rt|ruby|shadow|strike|tt|var|video|wbr|xmp|set|handler|listener|use|feimage|comment|label)\b[^>]*?[\s/](src|href|data|action|background|code|lowsrc|dynsrc|xlink:href|style|id|class|name|type|content|value|rel|http-equiv|tabindex|draggable|is|srcset|open|from|to|begin|values)\s*=",
    ),
    rule(
        Script,
        Critical,
        View::Text,
        "script/declaration",
        r"<!\[cdata\[|<!--\s*\[?if|<\?xml\b|<\?import|<!--.*-->|<\?php|<!--\s*ie\b|<comment\b|<!doctype\b|<!entity\b|<!attlist|<!element",
    ),
    rule(
        Script,
        Error,
        View::Text,
        "script/broken-out",
        r#"["'`]\s*/?>\s*<|["'`]>\s*<\s*\w|-->\s*<|</(title|textarea|style|script|template|noscript|xmp|iframe)\s*>|\]\]>"#,
    ),
    rule(
        Script,
        Warning,
        View::Raw,
        "script/escapes",
        r"(?i)\\(x3c|u003c|x22|x27|u0022|u0027|x3e|u003e|x28|u0028)|&#x?0*(3c|60|106|6a|74|115|73);?|(%26%23|&#)[x0-9a-f]{2,6};?(%26%23|&#)",
    ),
    rule(
        Script,
        Critical,
        View::Text,
        "script/symbols",
        r#"(\[\]|\(\)|!|\+|\{\}){12,}|\$=~\[\]|\['?constructor'?\]|\b_=\[\]|\[\+!\[\]"#,
    ),
    // ── Paths ──
    rule(
        Traversal,
        Critical,
        View::Path,
        "path/parents",
        r"(^|[^.\w]|\w)\.\.+/+(\.{0,2}/+|[^/\s]{0,30}/+)?\.\.+(/|$)|(\.{2,}/+){2}|(/\.\.){2}|(\.\.\./){2}|(\./){4}|(\.//){2}|(/\.){4}/|(^|/)\.{6,}",
    ),
    rule(
        Traversal,
        Critical,
        View::Path,
        "path/file-behind-parent",
        r"\.\./+.*(etc/+(passwd|shadow|group|hosts|issue|\w+)|boot\.ini|win\.ini|windows|winnt|system32|proc/|var/|usr/|root/|home/|web-inf|meta-inf|\.ht(access|passwd)|php\.ini|wp-config|config\.\w+|\.env|\.git|\.ssh|(access|error)[._]log|logs?/|passwd|conf/|cgi-bin|\.(log|conf|ini|cfg|yml|xml|php|asp|jsp)\b)",
    ),
    rule(Traversal, Warning, View::Path, "path/parent", r"(^|[/=:\s])\.\./"),
    rule(
        Traversal,
        Critical,
        View::Path,
        "path/whole-system-file",
        r#"^[\s"'a{]*(file://)?/*(etc|proc|sys|root|boot|dev|var/(log|www|lib|mail|spool|run|adm|opt|db|local|cpanel|apache2?|webmin|svn|mysql|tmp|cache|backups?|nm2|lighttpd|htdocs)|usr/(local|share|lib|pkg|ports|home|sbin|bin|etc|spool|internet|include|src|apache2?)|opt/(lampp|xampp|apache2?|httpd|nginx|lsws|tomcat|zeus)|home/[\w.$-]+/\.\w+|private/etc|library/webserver|volumes/[\w.-]+|system/library|bin|sbin|lib|mnt/\w+|srv/www|www/(logs|conf|apache)|apache2?/(logs|conf)|php\d?|xampp|nfs|tmp/sess\w*|logs?/(access|error|security)[\w._]*|log/\w+)(/|$)[^\s]*\s*$"#,
    ),
    rule(
        Traversal,
        Critical,
        View::Path,
        "path/secret-file",
        r"(^|[/.\s=:'\x22?\W])(etc/+(passwd|shadow|group|gshadow|hosts\.(allow|deny)|sudoers|issue|master\.passwd|security/\w+|httpd/|apache2?/|nginx/|mysql/|php\w*[/.]|ssh/|crontab|fstab|inetd|motd|my\.cnf|hostname|resolv\.conf)|proc/+(self|\d+|version|cmdline|cpuinfo|net|mounts|interrupts|sched_debug)(/|$|\s)|boot\.ini|win\.ini|system32/|windows/+(win\.ini|system|repair|php\.ini|explorer|debug|panther|iis|temp)|winnt/|web-inf/|meta-inf/|id_(rsa|dsa|ecdsa|ed25519)\b|authorized_keys|\.ht(access|passwd|group)|\.bash_(history|profile|rc|logout)|\.(mysql|sh|nano|psql|php|irb|zsh|ksh|viminfo)_history|\.ssh/|\.aws/|\.git/(config|head|index)|\.svn/(entries|wc)|\.env\b|wp-config\.php|localsettings\.php|configuration\.php|config\.inc\.php|php\.ini|httpd\.conf|my\.(cnf|ini)\b|tomcat-users\.xml|applicationhost\.config|web\.config|global\.asa|unattend(ed)?\.(xml|txt)|sysprep\.(inf|xml)|ntuser\.dat|sam\b\.?(bak|log)?$|boot/grub|ntds\.dit|proftpd\.conf|vsftpd\.conf|pure-?ftpd?\.\w+|sites-(available|enabled)|phpmyadmin/)",
    ),
    rule(
        Traversal,
        Critical,
        View::Path,
        "path/windows-file",
        r"^[\s'\x22]*[a-z]:/+(windows|winnt|boot|inetpub|xampp|wamp\w*|apache\w*|php\w*|program\s?files|programfiles|mysql|documents and settings|nginx|home\d?|sysprep|sys\w*|unattend\w*|pagefile|autoexec|config\.sys|appserv|oracle|tomcat|perl|python)\b.*$|[a-z]:/+(windows|winnt)/|[a-z]:/+boot\.ini",
    ),
    rule(
        Traversal,
        Critical,
        View::Path,
        "path/guesses",
        r"([.?]{1,2}[.?]?[/%]){2,}.*(boot\.ini|etc/|windows)|[?.]{1,4}(/|%\w{1,4})+(boot\.ini|etc.(passwd|issue|hosts)|windows.system32)|[/%\w?.]boot\.ini|etc[^\w\s]{1,12}(passwd|issue|shadow)\b|windows[^\w\s]{1,12}system32|([?.]{2}/){2}",
    ),
    rule(
        Traversal,
        Warning,
        View::Raw,
        "path/no-encoding",
        r"(?i)%(25)*c[01](%|\.)|%(bg|c1)%(qf|pc|8s|9v)|%%(3|c)|%u(2215|2216|ff0e|f025|efc8)|%(25)*(e0|f0|f8|fc)%(25)*80",
    ),
    rule(
        Traversal,
        Notice,
        View::Raw,
        "path/encoded-dots",
        r"(?i)%(25)*2e(%(25)*2e|\.)|\.%(25)*2e|\.\.%(25)*(2f|5c)|%00",
    ),
    rule(
        Traversal,
        Critical,
        View::Text,
        "path/wrapper",
        r"\b(php|zip|phar|expect|glob|data|ogg|rar|compress\.\w+|zlib|ssh2|input)://(filter|input|stdin|fd|memory|temp|output|text|[\w./+-]+)|php://|phar://|expect://|convert\.base64|data:;base64",
    ),
    // ── Commands ──
    rule(
        Command,
        Critical,
        View::Text,
        "command/chained",
        r#"[;&|`\n\r({]\s*[\\'"]*(/[\w/*?]{1,30}/)?({shell})(\.exe)?[\\'"]*(\s+(-+\w|[/$\w.|&<>`('"\\%*?~{:])|\s*[;&|`)\n>]|\s*$)"#,
    ),
    rule(
        Command,
        Critical,
        View::Text,
        "command/chained-word",
        r#"([;&|`\n\r]|\$\()\s*({word})(\s+([-/+&%|<>$`~\\*.]|[a-z]:|\d+\s*$|'[^']*'\s*$|"[^"]*"\s*$|/[a-z])|\s*[|&><`)])"#,
    ),
    rule(
        Command,
        Critical,
        View::Text,
        "command/appended",
        r#"^(\d{1,3}(\.\d{1,3}){3}|localhost|[\w-]+(\.[\w-]+)+|\d+|['"]?)\s*(;|\|\|?|&&?|\n)\s*({word})\s*$|[;&|]\s*net\s+(user|view|localgroup|share|use|start|stop|group|accounts)\b|(^|[;&|\s])net\s+(user|localgroup)\s+.*/add|[;&|`\r\n<^'($]\s*\{cmd\}|\{cmd\}['`;]|^\W*\{cmd\}\W*$|cmd=\$['\\"]|;\s*\$[a-z]\w{0,8}(\s|$)"#,
    ),
    rule(
        Command,
        Error,
        View::Text,
        "command/appended-word",
        r#"^[\w.:/-]+\s*(;|\|\|?|&&?|\n)\s*({word})\s*$|[;|&]\s*[a-z][\w-]{1,20}\s+--[a-z]"#,
    ),
    rule(
        Command,
        Critical,
        View::Text,
        "command/braces",
        r#"\{,\s*/?[a-z?/*]+|\{[a-z]{1,12},\}|\{[a-z]{1,12},[-/][\w,/?*-]*\}|/\?[a-z]\?/|/[a-z]\?+[a-z]*/"#,
    ),
    rule(
        Command,
        Critical,
        View::Text,
        "command/substitution",
        r#"\$\(+\s*[`'"\\]*({shell}|{word})\b|`\s*['"\\]*({shell}|{word})\b[^`]*`|\$\(\s*\(|\$\[\s*\d+\s*[+*-]|\$\{ifs\}|\$ifs\b|\$\{?(path|home|shell|pwd|user|0)\b[}#:\s]|<<<|\$'\\?|\$\{[a-z_]*[:#%/^,]|\$\(\s*\)|\$@|\$\*|\b(eval|exec)\s+\$"#,
    ),
    rule(
        Command,
        Error,
        View::Text,
        "command/variable",
        r#"[;|&\s+/]\$[a-z_]\w{0,8}[\s+/]|\w\$[a-z_@]{1,3}[\w/+]|[a-z]\$\{[a-z]"#,
    ),
    rule(
        Command,
        Critical,
        View::Text,
        "command/shellshock",
        r"\(\s*\)\s*\{\s*[:_]?\s*;?\s*\}?\s*;|:\(\)\s*\{|\b(\w+)\(\)\s*\{\s*\w+\s*\|\s*\w+\s*&",
    ),
    rule(
        Command,
        Critical,
        View::Path,
        "command/program",
        r"(^|[\s;|&`'\x22(=<>\n{,!])(/usr)?(/local)?/s?bin/+[\w.*?\[\]-]+|(^|\s|[;|&])(/\?+)+/\?*\w|/\[[\w/-]+\]\w*|/\w*\[[\w/?-]+\]\w*(/|$)|\bcmd(\.exe)?\s*/[ckr]\b|/dev/(tcp|udp)/|\bpowershell(\.exe)?\s+-|%(comspec|systemroot|windir)%|\b(nc|ncat|netcat)\b.{0,40}\s-\w*[elc]|-e\s+/bin/|(wget|curl|fetch|lynx|ftp|tftp)\s+(-\w+\s+)*['\x22]?(https?|ftp|\d+\.|\w+\.\w+)|^bin/\w+$",
    ),
    rule(
        Command,
        Critical,
        View::Text,
        "command/code",
        r#"<\?(php|=)|<%\s*(eval|@|=|execute)|\b(system|passthru|shell_exec|popen|proc_open|pcntl_exec|phpinfo|phpversion|assert|base64_decode|file_get_contents|file_put_contents|fopen|readfile|include|require|preg_replace|create_function|call_user_func|array_map|var_dump|print_r|str_rot13|gzinflate|move_uploaded_file|getenv|ini_set|execve?|execl|spawn|child_process|subprocess|os\.system|os\.popen|__import__|runtime\.getruntime|processbuilder|getruntime|kernel\.\w+|io\.popen)\s*(\(|\.)|\$_(get|post|request|cookie|server|files|env|session)\b|\$\{\s*@|\{\s*\$\{|\beval\s*\(|\bexec\s*\(|<!--#\s*(exec|include|echo|printenv)|\bprint\s*\(?\s*(md5|`|`)"#,
    ),
    rule(
        Command,
        Critical,
        View::Text,
        "command/batch",
        r#"\bfor\s+(/[dflr]\s+.*)?%{1,2}[^\s]{1,12}\s+in\s*\(|\bif\s*(/i\s+)?(not\s+)?(exist\s+\S+|defined\s+\w+|errorlevel\s+\d|cmdextversion\s+\d)|\bif\s*/i\b|\bif\s+(not\s+)?["'\[(]*%\w+%?["'\])]*\s*(==|equ|neq|lss|leq|gtr|geq)|\bif\s+(/i\s+)?(not\s+)?\S+\s*==\s*\S+\s+\w|@echo\s+off|\bset\s+/[ap]\s|\bset\s+["']?\w+=[!%]|%~\w|\bgoto\s+:|^\s*set\s+"?\w+=|\bif\s+\[%"#,
    ),
    rule(
        Command,
        Error,
        View::Text,
        "command/alone",
        r#"^\s*['"]*({shell})['"]*\s+(-{1,2}\w|/\w|[~$`'"|<>&]|[a-z]:\\|https?:|\d+\.\d|\.\.?/)|^\s*({word})\s+(-\w+\s|/\w[\w/]*\s*$|/\w+/|[a-z]:\\|['"][^'"]*['"]\s*\|)|^\s*sleep\s+\d+\s*$|^\s*['"]*(sudo|nohup|time|env|xargs|flock|setarch|watch|busybox|command|exec|eval)['"]*\s+(-\w+\s+)*\S*\s*({shell}|who)\b|\balias\s+\w+="#,
    ),
    rule(
        Command,
        Error,
        View::Text,
        "command/piped",
        r"\|\s*({shell}|{word})\s*(\||$|#|;|&|-|>)|>\s*/?(dev/null|tmp/|var/|\w+\.(php|txt|sh|asp|jsp|log))|2>&1|>>?\s*[\w/.-]+\.(php|sh|jsp|aspx?)\b",
    ),
    rule(
        Command,
        Warning,
        View::Bare,
        "command/split-word",
        r"(;|\||&|`|\$\(|\n|^)(/bin/|/usr/bin/)?(whoami|ifconfig|ipconfig|netstat|uname-|wget-?|curlhttp|curl-|cat/etc|cat/|passwd|bash-|bash$|python[\d.]*cmd|ping-|ping\d|ls-|ls/|idx?;|nc-|nc\d|sleep\d)",
    ),
    rule(
        Command,
        Warning,
        View::Raw,
        "command/split-raw",
        r#"(?i)[a-z](''|""|``|\^)[a-z]+(''|""|``|\^)?[a-z]*(\s|$|/)|(""?[a-z]""?){3,}"#,
    ),
    // ── Templates, references, operators, lines ──
    rule(
        Template,
        Critical,
        View::Text,
        "template/expression",
        r#"\{\{.*(\d\s*[*+/-]\s*['\d]|__\w+__|\w\s*\(|\[\s*['"]|\|\s*\w|config\b|self\b|request\b|this\b|constructor|class\b|_self|app\b|dump\b|range\b|\.\w+\(|\bof\b).*\}\}|\$\{\s*(\d+\s*[*+-]\s*\d|\w+\s*\(|\w+\.\w+[.(]|t\s*\(|''|"|class\b|self\b|application|param\.|header|sleep|request\b|session\b|ex\b|new\s|@)|#\{\s*(\d+\s*[*+-]\s*\d|\w+[.(\s]|'|"|t\()|<%=?.*%>|\*\{\s*(\d+\s*\*|t\(|\w+\.)|@\(\s*\d+\s*[*+]|\{%.*\b(import|include|for|set|if|debug|extends|raw|exec|load)\b.*%\}|\{\{\{?\s*['"]|#set\s*\(|#include\s*\(|\{php\}|\{system\(|\$\{\{|<#assign|freemarker\.|\{\{=|\[\[\$?\{|@\{.*\(|~\{|\{#.{1,60}#\}\{|%\{\s*\(|%\{\s*\d|\{\{.*\bwith\b|\{\{#"#,
    ),
    rule(
        Template,
        Warning,
        View::Text,
        "template/braces",
        r"\{\{[^{}]+\}\}|\$\{[^{}]+\}|#\{[^{}]+\}|\{%[^{}]+%\}",
    ),
    rule(Template, Notice, View::Text, "template/member", r"\{\{\s*\w+\.\w+"),
    rule(
        Jndi,
        Critical,
        View::Text,
        "jndi/lookup",
        r"\$\{\s*(jndi|lower|upper|env|sys|java|date|ctx|main|log4j|bundle|marker|base64|docker|k8s|spring|web|sd|event|map|script|dns|url|::-|[\w:$-]{0,40}:?-?\s*\$\{)|jndi:(ldaps?|rmi|dns|nis|iiop|corba|nds|https?)|\$\{.*\$\{.*\}",
    ),
    rule(
        Xxe,
        Critical,
        View::Text,
        "xxe/entity",
        r#"<!entity\b|<!doctype[^>]*(\[|system|public)|\bsystem\s+["'](file|https?|ftp|php|expect|gopher|jar|netdoc|//|/)|<xi:include|xmlns:xi\s*=|<!\[include|xsi:schemalocation\s*=\s*["'][^"']*(http|file)|<\?xml-stylesheet|<xsl:|document\(\s*['"]|&\w{1,20};.*<!|%\w{1,12};\s*(%|\]|<)"#,
    ),
    rule(
        NoSql,
        Critical,
        View::Text,
        "nosql/operator",
        r#"\[\s*['"]?\$(ne|gte?|lte?|regex|where|n?in|exists|n?or|and|eq|not|elemmatch|size|type|expr|all|mod|options|func|comment|jsonschema|text)\b['"]?\s*\]|['"{,\s]\$(ne|gte?|lte?|regex|where|n?in|exists|n?or|and|eq|not|elemmatch|size|type|expr|all|mod|func|reduce|lookup|function|accumulator)['"]?\s*:|\bthis\.\w+\s*(==|!=|\.match|\.length|\[|>|<)|\bdb\.\w+\.(find|insert|drop|remove|update|aggregate|count)|\bdb\.(getname|version|currentop|injection|drop)|;\s*return\b.*(true|==|;)|\b(sleep|while)\s*\(.{0,40}\)\s*[;{]|\|\|\s*(1\s*==\s*1|true|'\w*'\s*==)|&&\s*this\.|'\s*(\|\||&&)\s*'\w*'\s*==|,\s*\$where\s*:|\bmapreduce\b|\$where\b|new\s+date\(\)\s*;|tojson(one)?line?\(|\bobject\.keys\("#,
    ),
    rule(
        Prototype,
        Critical,
        View::Text,
        "prototype/member",
        r#"__proto__|constructor\s*['"]?\s*(\]?\s*[.\[]|['"]?\s*:\s*\{?)\s*['"\[]*\s*prototype|prototype\s*(\[|\.)\s*['"]?\w+['"]?\]?\s*=|\[['"]?constructor['"]?\]\s*\[|__(define|lookup)[gs]etter__"#,
    ),
    rule(
        Crlf,
        Critical,
        View::Text,
        "crlf/header",
        r"[\r\n]\s*(set-cookie2?|location|content-(type|length|disposition|security-policy|encoding)|x-[\w-]{2,40}|http/\d|refresh|access-control-[\w-]+|transfer-encoding|host|cookie|link|status|etag|last-modified|connection|cache-control|server|referer|user-agent|authorization|[a-z]{2,20}-[a-z-]{2,30}|bcc|cc|to|from|subject|header[\w-]*|injected[\w-]*|evil[\w-]*|test[\w-]*)\s*:|[\r\n]+\s*(get|post|head|put|delete|options)\s+/\S*\s*(http/|$)|[\r\n]{2,}\s*<|\r\n\r\n|\\r\\n\s*[\w-]+\s*:|[\r\n]\s*(flushall|config\s+set|slaveof|quit|rcpt\s+to|mail\s+from|data\b|set\s+\w+\s+\d)|\r\n.*\r\n|^[\r\n]+\w+:",
    ),
    rule(
        Ldap,
        Critical,
        View::Text,
        "ldap/filter",
        r"\*\s*\)\s*\(|\)\s*\(\s*[|&!]|\(\s*[|&]\s*\(|\(\s*\w{1,40}\s*[~<>]?=\s*\*\s*\)|\)\s*\(\s*\w{1,40}\s*=[^)]*|\*\)\)?%00|\|\s*\(\s*\w+\s*=|^\*\)+$|^\)\(|\(objectclass=|\(!\(|\(&\(",
    ),
    rule(
        Ssrf,
        Critical,
        View::Text,
        "ssrf/target",
        r"\b(gopher|dict|file|tftp|ldaps?|jar|netdoc|smb|rmi|sftp|mailto|imap|pop3|smtp|telnet|unix|local_file)://|\b(https?|ftp)://+([^/@\s]*@)?(localhost|127\.|0\.0\.0\.0|0x7f|017700|2130706433|0/|0:|\[::|\[0:|\[fd|\[fe80|169\.254\.|metadata\.|instance-data|10\.\d|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.100\.100\.200|0177\.|\d{8,10}(/|:|$)|[\w.-]*\.(nip\.io|xip\.io|localtest\.me|burpcollaborator\.net|oastify\.com|interact\.sh|lvh\.me|sslip\.io))|169\.254\.169\.254|/latest/meta-data|computemetadata|\binteractsh",
    ),
];

impl Rule {
    /// Whether the rule is for headers as well. They also name where somebody comes from, which may be a private network.
    pub fn is_for_headers(&self) -> bool {
        match self.category {
            Command => IN_HEADERS.contains(&self.id),
            Ssrf => false,
            _ => true,
        }
    }
}

/// The patterns with the commands in their places.
pub fn pattern(rule: &Rule) -> String {
    rule.pattern.replace("{shell}", SHELL).replace("{word}", WORD)
}
