//! Errors as product: stable codes, and for each a title, an explanation and a fix in every language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::type_words::type_words;

/// Values that a text mentions, by name.
pub type Args = BTreeMap<String, String>;

/// An error answer (RFC 9457) with the documented legacy members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemOut {
    /// Page about this kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short name of the problem, in the caller's language.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do, in the caller's language.
    pub detail: String,
    /// Path of the request.
    pub instance: String,
    /// Stable code for programs.
    pub code: String,
    /// Number of the request, for support.
    pub request_id: String,
    /// Faults of single members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldErrorOut>,
    /// Same as `title` (documented legacy member).
    pub error: String,
    /// Same as `detail` (documented legacy member).
    pub message: String,
    /// Values that the texts mention, such as `limit` or `position`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: Args,
}

/// A fault of one member of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldErrorOut {
    /// Place of the member (RFC 6901); `?name` for a query parameter.
    pub pointer: String,
    /// Stable code for programs.
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// What to do; absent where `detail` says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fix: String,
}

/// A fault of one member, before it is put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Place of the member (RFC 6901); `?name` for a query parameter.
    pub pointer: String,
    /// What is wrong.
    pub code: FieldCode,
    /// Values that the text mentions.
    pub args: Args,
}

impl FieldError {
    /// Puts the fault into words.
    #[must_use]
    pub fn render(&self, lang: Lang) -> FieldErrorOut {
        let (detail, fix) = self.code.text(lang);
        let mut args = self.args.clone();
        if self.code == FieldCode::WrongType {
            args.values_mut().for_each(|value| *value = type_words(value, lang));
        }
        FieldErrorOut {
            pointer: self.pointer.clone(),
            code: self.code.as_str().to_owned(),
            detail: fill(detail, &args),
            fix: fill(fix, &args),
        }
    }
}

/// Fills `{name}` in a template, and `{name|word|words}` with the word that fits the number; unknown names stay visible,
/// so that a test finds them.
#[must_use]
pub fn fill(template: &str, args: &Args) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once('{') {
        out.push_str(before);
        let found = tail.split_once('}').and_then(|(inside, after)| {
            let (name, words) = inside.split_once('|').unwrap_or((inside, ""));
            Some((args.get(name)?, words.split_once('|'), after))
        });
        match found {
            Some((value, words, after)) => {
                out.push_str(words.map_or(value, |(one, many)| if value == "1" { one } else { many }));
                rest = after;
            }
            None => {
                out.push('{');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

macro_rules! codes {
    ($(#[$meta:meta])* $enum:ident { $($variant:ident = $name:literal, $status:literal,
        nl: $nl_title:literal / $nl:literal, en: $en_title:literal / $en:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $enum { $(#[doc = $en_title] $variant,)+ }

        impl $enum {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code for programs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// Title and explanation in a language; `{name}` stands for an argument.
            #[must_use]
            pub const fn text(self, lang: Lang) -> (&'static str, &'static str) {
                match (self, lang) {
                    $((Self::$variant, Lang::Nl) => ($nl_title, $nl), (Self::$variant, Lang::En) => ($en_title, $en),)+
                }
            }
        }
    };
}

codes! {
    /// What went wrong, as a stable code.
    Code {
    InvalidJson = "invalid_json", 400,
        nl: "Ongeldige JSON" / "De aanvraag is geen geldige JSON (regel {line}, kolom {column}). Controleer aanhalingstekens, komma's en haakjes.",
        en: "Invalid JSON" / "The request is not valid JSON (line {line}, column {column}). Check quotes, commas and brackets.";
    InvalidMessage = "invalid_message", 400,
        nl: "Onleesbaar bericht" / "Het bericht volgt {standard} niet: {reason}.",
        en: "Message cannot be read" / "The message does not follow {standard}: {reason}.";
    InvalidUtf8 = "invalid_utf8", 400,
        nl: "Ongeldige tekens" / "De aanvraag is geen geldige UTF-8. Sla het bestand op als UTF-8 en stuur het opnieuw.",
        en: "Invalid characters" / "The request is not valid UTF-8. Save the file as UTF-8 and send it again.";
    EmptyBody = "empty_body", 400,
        nl: "Geen inhoud" / "Er staat niets in de aanvraag. Stuur een JSON-object met minstens één veld.",
        en: "No content" / "The request holds nothing. Send a JSON object with at least one member.";
    InvalidBody = "invalid_body", 422,
        nl: "Onjuiste gegevens" / "De aanvraag is leesbaar, maar klopt niet. Bekijk de genoemde velden.",
        en: "Invalid data" / "The request can be read but is not right. Look at the members named.";
    InvalidCsv = "invalid_csv", 400,
        nl: "Ongeldige CSV" / "Het CSV-bestand kan niet worden gelezen: {reason}. De eerste regel moet de kolomnamen bevatten.",
        en: "Invalid CSV" / "The CSV file cannot be read: {reason}. The first line must hold the column names.";
    InvalidEncoding = "invalid_encoding", 400,
        nl: "Samengeperste gegevens zijn beschadigd" / "De inhoud kan niet worden uitgepakt als {encoding}. Stuur de gegevens opnieuw, of zonder samenpersen.",
        en: "Compressed data is damaged" / "The content cannot be unpacked as {encoding}. Send it again, or send it uncompressed.";
    InvalidRequest = "invalid_request", 400,
        nl: "Onjuiste aanvraag" / "De aanvraag noemt geen of meer dan één host. Stuur precies één header ‘Host’ mee.",
        en: "Malformed request" / "The request names no host, or more than one. Send exactly one header ‘Host’.";
    UnknownVersion = "unknown_version", 400,
        nl: "Onbekende versie" / "De versie in ‘MVAI-Version’ bestaat niet. Laat de kop weg, of kies uit: {known}.",
        en: "Unknown version" / "The version in ‘MVAI-Version’ does not exist. Leave the header out, or choose from: {known}.";
    UnknownParameter = "unknown_parameter", 400,
        nl: "Onbekende parameter" / "De parameter ‘{name}’ bestaat hier niet. Toegestaan: {allowed}.",
        en: "Unknown parameter" / "The parameter ‘{name}’ does not exist here. Allowed: {allowed}.";
    InvalidParameter = "invalid_parameter", 400,
        nl: "Onjuiste parameter" / "De parameter ‘{name}’ heeft een waarde die hier niet past. Verwacht: {expected}.",
        en: "Invalid parameter" / "The parameter ‘{name}’ has a value that does not fit. Expected: {expected}.";
    ParameterTooLong = "parameter_too_long", 400,
        nl: "Parameter te lang" / "De waarde van ‘{name}’ is te lang: hooguit {limit} tekens. Maak de waarde korter.",
        en: "Parameter too long" / "The value of ‘{name}’ is too long: at most {limit} characters. Make it shorter.";
    MissingQuery = "missing_query", 400,
        nl: "Zoekopdracht ontbreekt" / "Geef met ‘q’ op wat u zoekt.",
        en: "Query is missing" / "Say with ‘q’ what to look for.";
    InvalidQuery = "invalid_query", 400,
        nl: "Zoekopdracht niet begrepen" / "{reason} (positie {position}).",
        en: "Query not understood" / "{reason} (position {position}).";
    InvalidCursor = "invalid_cursor", 400,
        nl: "Ongeldige cursor" / "De cursor is niet van ons of is beschadigd. Begin opnieuw bij de eerste pagina.",
        en: "Invalid cursor" / "The cursor is not ours or is damaged. Start again with the first page.";
    CursorMismatch = "cursor_mismatch", 400,
        nl: "Cursor past niet bij het filter" / "De cursor hoort bij een ander filter. Begin opnieuw bij de eerste pagina.",
        en: "Cursor does not match the filter" / "The cursor belongs to another filter. Start again with the first page.";
    UseCursor = "use_cursor", 400,
        nl: "Gebruik een cursor" / "Met ‘offset’ kunt u tot {limit} bladeren. Gebruik ‘cursor’ om verder te gaan.",
        en: "Use a cursor" / "With ‘offset’ you can page up to {limit}. Use ‘cursor’ to go further.";
    InvalidIdempotencyKey = "invalid_idempotency_key", 400,
        nl: "Ongeldige herhaalsleutel" / "De header ‘Idempotency-Key’ heeft 1 tot {limit} zichtbare ASCII-tekens. Een willekeurige UUID werkt goed.",
        en: "Invalid idempotency key" / "The header ‘Idempotency-Key’ has 1 to {limit} visible ASCII characters. A random UUID works well.";
    Unauthenticated = "unauthenticated", 401,
        nl: "Niet aangemeld" / "Meld u aan, of stuur een API-sleutel mee in de header ‘Authorization: Bearer …’.",
        en: "Not signed in" / "Sign in, or send an API key in the header ‘Authorization: Bearer …’.";
    InvalidCredentials = "invalid_credentials", 401,
        nl: "Aanmelden is niet gelukt" / "Deze gegevens kloppen niet of zijn verlopen. Controleer ze en probeer het opnieuw.",
        en: "Signing in failed" / "These details are not right or have expired. Check them and try again.";
    InvalidToken = "invalid_token", 401,
        nl: "Sessie verlopen" / "Uw sessie is verlopen of beëindigd. Meld u opnieuw aan.",
        en: "Session ended" / "Your session has expired or was ended. Sign in again.";
    InvalidKey = "invalid_api_key", 401,
        nl: "Invalid or missing API key" / "De API-sleutel is onbekend, verlopen of ingetrokken. De eigenaar ziet de reden bij API-sleutels.",
        en: "Invalid or missing API key" / "The API key is unknown, expired or revoked. The owner sees the reason under API keys.";
    KeyInUrl = "key_in_url", 401,
        nl: "Sleutel in de URL" / "Een API-sleutel hoort niet in de URL: die komt in logbestanden terecht. Stuur hem in de header ‘Authorization: Bearer …’ en vervang deze sleutel.",
        en: "Key in the URL" / "An API key does not belong in the URL: it ends up in log files. Send it in the header ‘Authorization: Bearer …’ and replace this key.";
    SeveralCredentials = "several_credentials", 401,
        nl: "Meer dan één aanmelding" / "De aanvraag draagt twee verschillende sleutels of sessies, en het is niet te zeggen welke telt. Stuur er één: in ‘Authorization: Bearer …’ of in ‘X-API-Key’.",
        en: "More than one credential" / "The request carries two different keys or sessions, and there is no telling which one counts. Send one: in ‘Authorization: Bearer …’ or in ‘X-API-Key’.";
    LogQuotaExhausted = "log_quota_exhausted", 402,
        nl: "Te weinig tegoed aan logs" / "Dit past niet meer in het tegoed van {limit} {limit|log|logs} voor deze maand en is niet opgeslagen. Vanaf {reset_on} kan het weer. Met een groter abonnement kan het meteen.",
        en: "Not enough log quota" / "This does not fit in the quota of {limit} {limit|log|logs} for this month any more and was not stored. From {reset_on} it works again. With a larger plan it works at once.";
    Forbidden = "forbidden", 403,
        nl: "Geen toegang" / "Uw rol mag dit niet. Nodig is het recht ‘{permission}’; de eigenaar kan dat geven.",
        en: "No access" / "Your role may not do this. It needs the permission ‘{permission}’; the owner can give it.";
    NotYours = "not_yours", 403,
        nl: "Van iemand anders" / "Deze zoekopdracht is van iemand anders, die haar deelt. Bewaar haar onder een eigen naam om haar te wijzigen.",
        en: "Somebody else's" / "This search belongs to somebody else, who shares it. Save it under a name of your own to change it.";
    InsufficientScope = "insufficient_scope", 403,
        nl: "Bereik ontbreekt" / "Deze API-sleutel mist het bereik ‘{scope}’. Maak een sleutel met dat bereik.",
        en: "Scope is missing" / "This API key lacks the scope ‘{scope}’. Create a key that has it.";
    PasswordChangeRequired = "password_change_required", 403,
        nl: "Kies eerst een eigen wachtwoord" / "U bent aangemeld met een eenmalig wachtwoord. Kies een eigen wachtwoord om verder te gaan.",
        en: "Choose your own password first" / "You signed in with a one-time password. Choose your own password to continue.";
    CustomerSuspended = "customer_suspended", 403,
        nl: "Account opgeschort" / "Dit account is opgeschort: {reason}. Neem contact op met de beheerder.",
        en: "Account suspended" / "This account is suspended: {reason}. Contact the operator.";
    CustomerReadOnly = "customer_read_only", 403,
        nl: "Account is alleen-lezen" / "Dit account kan nu niets opslaan. Lezen en exporteren kan wel. Kies een abonnement om verder te gaan.",
        en: "Account is read-only" / "This account cannot store anything now. Reading and exporting still work. Choose a plan to continue.";
    CustomerClosing = "customer_closing", 403,
        nl: "Account wordt gesloten" / "Dit account is opgezegd en kan niets meer opslaan. Exporteren kan nog wel.",
        en: "Account is closing" / "This account is cancelled and cannot store anything. Exporting still works.";
    RequestRefused = "request_refused", 403,
        nl: "Aanvraag geweigerd" / "Deze aanvraag lijkt op een aanval en is niet uitgevoerd. Meld het nummer van de aanvraag als dat niet klopt.",
        en: "Request refused" / "This request looks like an attack and was not carried out. If that is wrong, report the number of the request.";
    AddressDenied = "address_denied", 403,
        nl: "Toegang vanaf uw netwerk is dicht" / "Vanaf uw netwerk kwamen verzoeken die op een aanval leken; daarom is de toegang voor een tijd gesloten. Werkt hier iemand die dat niet deed? Meld het nummer van de aanvraag bij de beheerder.",
        en: "Access from your network is closed" / "Requests from your network looked like an attack, so access is closed for a while. If that is wrong, report the number of the request to the operator.";
    NetworkNotAllowed = "network_not_allowed", 403,
        nl: "Niet vanaf dit netwerk" / "Dit deel van de installatie is alleen bereikbaar vanaf netwerken die de beheerder heeft vrijgegeven.",
        en: "Not from this network" / "This part of the installation can be reached only from networks that the operator has named.";
    CrossSite = "cross_site_request", 403,
        nl: "Aanvraag van een andere site" / "Deze aanvraag komt van een andere site en is daarom geweigerd.",
        en: "Request from another site" / "This request comes from another site and was therefore refused.";
    LogNotFound = "log_not_found", 404,
        nl: "Log not found" / "Er is geen log met dit nummer.",
        en: "Log not found" / "There is no log with this number.";
    NotFound = "not_found", 404,
        nl: "Niet gevonden" / "Hier is niets. Controleer het adres of het nummer.",
        en: "Not found" / "There is nothing here. Check the address or the number.";
    MethodNotAllowed = "method_not_allowed", 405,
        nl: "Methode bestaat hier niet" / "Dit adres kent de methode {method} niet. De header ‘Allow’ noemt de methoden die er wel zijn.",
        en: "Method not allowed" / "This address does not know the method {method}. The header ‘Allow’ names those that it knows.";
    RequestTimeout = "request_timeout", 408,
        nl: "Aanvraag duurde te lang" / "De aanvraag kwam niet op tijd binnen. Er is niets opgeslagen; stuur hem opnieuw.",
        en: "Request took too long" / "The request did not arrive in time. Nothing was stored; send it again.";
    NameTaken = "name_taken", 409,
        nl: "Naam bestaat al" / "De naam ‘{name}’ is al in gebruik. Kies een andere naam.",
        en: "Name is taken" / "The name ‘{name}’ is in use already. Choose another.";
    KeyLimitReached = "key_limit_reached", 409,
        nl: "Maximaal aantal sleutels bereikt" / "Het abonnement staat {limit} {limit|actieve API-sleutel|actieve API-sleutels} toe. Trek er een in of kies een groter abonnement.",
        en: "Key limit reached" / "The plan allows {limit} {limit|active API key|active API keys}. Revoke one or choose a larger plan.";
    UserLimitReached = "user_limit_reached", 409,
        nl: "Maximaal aantal gebruikers bereikt" / "Het abonnement staat {limit} {limit|gebruiker|gebruikers} toe. Verwijder of blokkeer er een, of kies een groter abonnement.",
        en: "User limit reached" / "The plan allows {limit} {limit|user|users}. Remove or disable one, or choose a larger plan.";
    EmailTaken = "email_taken", 409,
        nl: "E-mailadres is al in gebruik" / "Met {email} meldt al iemand zich aan. Gebruik een ander adres van deze persoon.",
        en: "E-mail address is in use" / "Somebody signs in with {email} already. Use another address of this person.";
    LastWayIn = "last_way_in", 409,
        nl: "Dan komt niemand er meer in" / "Er moet een actieve eigenaar zijn, of aanmelden met de toegangscode moet kunnen. Er is niets gewijzigd. Maak eerst iemand anders eigenaar, of sta de toegangscode weer toe.",
        en: "Nobody would get in any more" / "There has to be an active owner, or signing in with the access code has to be possible. Nothing was changed. Make somebody else an owner first, or allow the access code again.";
    LinkSpent = "link_spent", 410,
        nl: "Deze link werkt niet meer" / "De link is gebruikt, verlopen of vervangen door een nieuwere. Vraag een nieuwe link aan.",
        en: "This link no longer works" / "The link was used, has expired or was replaced by a newer one. Ask for a new link.";
    SearchLimitReached = "search_limit_reached", 409,
        nl: "Maximaal aantal zoekopdrachten bereikt" / "Het abonnement staat {limit} bewaarde zoekopdrachten toe. Verwijder er een of kies een groter abonnement.",
        en: "Search limit reached" / "The plan allows {limit} saved searches. Forget one or choose a larger plan.";
    KindLimitReached = "kind_limit_reached", 409,
        nl: "Maximaal aantal soorten bereikt" / "Er zijn al {limit} soorten beschreven. Verwijder er een om een andere te beschrijven.",
        en: "Kind limit reached" / "{limit} kinds are described already. Remove one to describe another.";
    ExternalIdConflict = "external_id_conflict", 409,
        nl: "Ander bericht met dezelfde sleutel" / "Onder external_id ‘{external_id}’ staat al een andere log (nummer {log_id}). Gebruik een eigen sleutel voor elke gebeurtenis.",
        en: "Another record with the same id" / "A different log (number {log_id}) exists under external_id ‘{external_id}’. Use an id of its own for each event.";
    StateConflict = "state_conflict", 409,
        nl: "Kan in deze toestand niet" / "De toestand is nu ‘{state}’; daarin kan dit niet.",
        en: "Not possible in this state" / "The state is ‘{state}’ now; this is not possible in it.";
    AddressSpared = "address_spared", 409,
        nl: "Dit netwerk kan niet dicht" / "Het netwerk {network} is van deze machine, van een vertrouwde proxy of een vertrouwd netwerk, van uzelf, of van een medewerker die nu is aangemeld. Er is niets gewijzigd. Kies een kleiner netwerk.",
        en: "This network cannot be closed" / "The network {network} holds this machine, a trusted proxy or network, yourself, or staff that is signed in now. Nothing was changed. Choose a smaller network.";
    CountChanged = "count_changed", 409,
        nl: "Intussen een ander aantal" / "Er {actual|past|passen} nu {actual} {actual|log|logs} bij deze keuze, niet {expected}. Er is niets gewijzigd; bekijk het aantal opnieuw en bevestig dat.",
        en: "Another number by now" / "Now {actual} {actual|log fits|logs fit} this choice, not {expected}. Nothing was changed; look at the number again and confirm it.";
    ExportLimitReached = "export_limit_reached", 409,
        nl: "Te veel exports bewaard" / "Er wachten, lopen of staan al {limit} exports klaar. Verwijder er een, of wacht tot er een verloopt.",
        en: "Too many exports kept" / "{limit} exports wait, run or are ready already. Delete one, or wait until one expires.";
    ArchiveLimitReached = "archive_limit_reached", 429,
        nl: "Archief al gemaakt" / "In de afgelopen 24 uur is al een archief gemaakt of begonnen. Haal dat op bij ‘Exports’, of vraag morgen een nieuw.",
        en: "Archive made already" / "An archive was made or begun in the last 24 hours. Fetch that one under ‘Exports’, or ask for a new one tomorrow.";
    MailNotSetUp = "mail_not_set_up", 409,
        nl: "Geen mailserver ingesteld" / "Er is geen mailserver ingesteld; e-mails blijven in de postbus uit staan. Stel SMTP_SERVER in en start opnieuw.",
        en: "No mail server set up" / "No mail server is set; mails stay in the outbox. Set SMTP_SERVER and start again.";
    IdempotencyInProgress = "idempotency_in_progress", 409,
        nl: "Aanvraag wordt al uitgevoerd" / "Een aanvraag met dezelfde ‘Idempotency-Key’ is nog bezig. Vraag het zo opnieuw; u krijgt dan hetzelfde antwoord.",
        en: "Request is being carried out" / "A request with the same ‘Idempotency-Key’ is still running. Ask again shortly; you will get the same answer.";
    ExportExpired = "export_expired", 410,
        nl: "Export is verlopen" / "Het bestand is verwijderd. Vraag de export opnieuw aan.",
        en: "Export has expired" / "The file has been removed. Ask for the export again.";
    PreconditionFailed = "precondition_failed", 412,
        nl: "Intussen gewijzigd" / "Iemand anders heeft dit intussen gewijzigd. Haal de laatste versie op en probeer het opnieuw.",
        en: "Changed in the meantime" / "Somebody else has changed this in the meantime. Fetch the latest version and try again.";
    BodyTooLarge = "body_too_large", 413,
        nl: "Aanvraag te groot" / "De aanvraag is groter dan {limit} (uitgepakt). Verdeel de gegevens over meer aanvragen.",
        en: "Request too large" / "The request is larger than {limit} (unpacked). Split the data over more requests.";
    RecordTooLarge = "record_too_large", 413,
        nl: "Log te groot" / "Deze log is {size} groot; de grens is {limit}.",
        en: "Log too large" / "This log has {size}; the limit is {limit}.";
    TooManyItems = "too_many_items", 413,
        nl: "Te veel regels" / "De aanvraag heeft {actual} regels of meer; de grens is {limit}. Verdeel de gegevens over meer aanvragen.",
        en: "Too many items" / "The request has {actual} items or more; the limit is {limit}. Split the data over more requests.";
    TooDeep = "nesting_too_deep", 413,
        nl: "Te diep genest" / "De gegevens zijn dieper genest dan {limit} niveaus.",
        en: "Nested too deeply" / "The data is nested deeper than {limit} levels.";
    UriTooLong = "uri_too_long", 414,
        nl: "Adres te lang" / "Het adres is langer dan {limit}. Maak de zoekopdracht korter.",
        en: "Address too long" / "The address is longer than {limit}. Shorten the query.";
    UnsupportedMediaType = "unsupported_media_type", 415,
        nl: "Soort inhoud wordt niet gelezen" / "De header ‘Content-Type’ is ‘{actual}’. Verwacht: {expected}.",
        en: "Media type is not read" / "The header ‘Content-Type’ is ‘{actual}’. Expected: {expected}.";
    UnsupportedEncoding = "unsupported_encoding", 415,
        nl: "Samenpersing wordt niet gelezen" / "De header ‘Content-Encoding’ is ‘{actual}’. Verwacht: {expected}.",
        en: "Encoding is not read" / "The header ‘Content-Encoding’ is ‘{actual}’. Expected: {expected}.";
    RangeNotSatisfiable = "range_not_satisfiable", 416,
        nl: "Dat deel bestaat niet" / "Het bestand heeft {size} bytes; het gevraagde deel ligt daar niet in.",
        en: "That part does not exist" / "The file has {size} bytes; the part asked for does not lie within.";
    OccurredAtInFuture = "occurred_at_in_future", 422,
        nl: "Tijdstip ligt in de toekomst" / "Het tijdstip {value} ligt meer dan 24 uur in de toekomst. Controleer de klok en de tijdzone van het systeem.",
        en: "Time lies in the future" / "The time {value} lies more than 24 hours ahead. Check the clock and time zone of the system.";
    OccurredBeforeRetention = "occurred_before_retention", 422,
        nl: "Tijdstip ligt voor de bewaartermijn" / "Het tijdstip {value} ligt verder terug dan de {days} dagen dat logs worden bewaard. Verleng de bewaartermijn, of controleer de datum.",
        en: "Time lies before the retention" / "The time {value} lies further back than the {days} days that logs are kept. Extend the retention, or check the date.";
    AllRejected = "all_rejected", 422,
        nl: "Niets opgeslagen" / "Van {actual} {actual|regel|regels} kon niets worden opgeslagen. Elke regel heeft een eigen melding.",
        en: "Nothing stored" / "Of {actual} {actual|item|items} none could be stored. Each has a message of its own.";
    SchemaRejected = "schema_rejected", 422,
        nl: "Past niet bij het schema" / "De gegevens passen niet bij het schema van soort ‘{kind}’. Bij {at}: {reason} De log is niet opgeslagen.",
        en: "Does not fit the schema" / "The data does not fit the schema of kind ‘{kind}’. At {at}: {reason} The log was not stored.";
    Quarantined = "quarantined", 422,
        nl: "In quarantaine" / "De gegevens passen niet bij het schema van soort ‘{kind}’. Bij {at}: {reason} De log is niet opgeslagen, maar staat {days} dagen in quarantaine en kan daar worden verbeterd.",
        en: "In quarantine" / "The data does not fit the schema of kind ‘{kind}’. At {at}: {reason} The log was not stored; it is in quarantine for {days} days and can be corrected there.";
    QuarantineFull = "quarantine_full", 422,
        nl: "Quarantaine is vol" / "De gegevens passen niet bij het schema van soort ‘{kind}’. Bij {at}: {reason} De quarantaine is vol, dus de log is nergens bewaard. Werk haar bij en stuur de log opnieuw.",
        en: "Quarantine is full" / "The data does not fit the schema of kind ‘{kind}’. At {at}: {reason} The quarantine is full, so the log is kept nowhere. Work it off and send the log again.";
    ScopeWidening = "scope_widening", 422,
        nl: "Bereik kan alleen kleiner worden" / "Een sleutel kan geen bereik bijkrijgen. Maak een nieuwe sleutel met het bereik dat u nodig hebt.",
        en: "Scopes can only shrink" / "A key cannot gain scopes. Create a new key with the scopes that you need.";
    IdempotencyKeyReused = "idempotency_key_reused", 422,
        nl: "Herhaalsleutel al gebruikt" / "Onder deze ‘Idempotency-Key’ is eerder iets anders gestuurd. Gebruik voor elke nieuwe aanvraag een nieuwe sleutel.",
        en: "Idempotency key was used" / "Something else was sent under this ‘Idempotency-Key’ before. Use a new key for each new request.";
    PreconditionRequired = "precondition_required", 428,
        nl: "Versie ontbreekt" / "Stuur in de header ‘If-Match’ de ‘ETag’ mee die u bij het ophalen kreeg. Zo overschrijft u geen wijziging van iemand anders.",
        en: "Version is missing" / "Send the ‘ETag’ that you got when fetching in the header ‘If-Match’. This way you do not overwrite somebody else's change.";
    RateLimited = "rate_limited", 429,
        nl: "Te veel aanvragen" / "Te veel aanvragen achter elkaar. Probeer het over {seconds} {seconds|seconde|seconden} opnieuw.",
        en: "Too many requests" / "Too many requests in a row. Try again in {seconds} {seconds|second|seconds}.";
    SignInClosed = "sign_in_closed", 429,
        nl: "Aanmelden is hier tijdelijk dicht" / "Vanaf uw netwerk is te vaak met verkeerde gegevens aangemeld. Aanmelden kan weer over {hours} {hours|uur|uur}; wie al is aangemeld werkt gewoon door. De beheerder kan het eerder vrijgeven.",
        en: "Signing in is closed here for now" / "There were too many failed sign-ins from your network. Signing in works again in {hours} {hours|hour|hours}; whoever is signed in goes on working. The operator can open it earlier.";
    ApiQuotaExhausted = "api_quota_exhausted", 429,
        nl: "Tegoed aan API-aanroepen is op" / "De {limit} API-aanroepen van deze maand zijn op. Logs opslaan gaat door; lezen met een sleutel kan weer vanaf {reset_on}, of meteen met een groter abonnement. In de webapp kunt u gewoon verder.",
        en: "API call quota is used up" / "The {limit} API calls of this month are used up. Recording logs goes on; reading with a key works again from {reset_on}, or at once with a larger plan. The web app keeps working.";
    Internal = "internal_error", 500,
        nl: "Er ging iets mis bij ons" / "De aanvraag is niet uitgevoerd. Probeer het opnieuw; noem bij een vraag het aanvraagnummer.",
        en: "Something went wrong on our side" / "The request was not carried out. Try again; mention the request number if you ask for help.";
    Overloaded = "overloaded", 503,
        nl: "Even te druk" / "Het is nu te druk om dit aan te nemen. Er is niets opgeslagen; probeer het zo opnieuw.",
        en: "Too busy for a moment" / "It is too busy to accept this now. Nothing was stored; try again shortly.";
    StorageUnavailable = "storage_unavailable", 503,
        nl: "Opslag niet bereikbaar" / "De gegevens kunnen nu niet worden opgeslagen of gelezen. Er is niets verloren; probeer het zo opnieuw.",
        en: "Storage unavailable" / "The data cannot be stored or read right now. Nothing is lost; try again shortly.";
    Stopping = "stopping", 503,
        nl: "Server wordt herstart" / "De server wordt herstart. Er is niets opgeslagen; probeer het zo opnieuw.",
        en: "Server is restarting" / "The server is restarting. Nothing was stored; try again shortly.";
    StorageFull = "storage_full", 507,
        nl: "Opslag vol" / "De opslag van de server is vol. Er is niets opgeslagen; de beheerder is aan zet.",
        en: "Storage full" / "The server's storage is full. Nothing was stored; it is the operator's turn.";
    }
}

macro_rules! field_codes {
    ($(#[$meta:meta])* $enum:ident { $($variant:ident = $name:literal,
        nl: $nl:literal / $nl_fix:literal, en: $en:literal / $en_fix:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $enum { $(#[doc = $en] $variant,)+ }

        impl $enum {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code for programs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Fault and fix in a language; `{name}` stands for an argument.
            #[must_use]
            pub const fn text(self, lang: Lang) -> (&'static str, &'static str) {
                match (self, lang) {
                    $((Self::$variant, Lang::Nl) => ($nl, $nl_fix), (Self::$variant, Lang::En) => ($en, $en_fix),)+
                }
            }
        }
    };
}

field_codes! {
    /// What is wrong with one member, as a stable code.
    FieldCode {
    Required = "required",
        nl: "Dit veld is verplicht." / "Vul het in.",
        en: "This field is required." / "Fill it in.";
    Length = "length",
        nl: "De lengte is {actual}; toegestaan is {min} tot {max} tekens." / "Maak de tekst passend.",
        en: "The length is {actual}; {min} to {max} characters are allowed." / "Make the text fit.";
    Range = "out_of_range",
        nl: "De waarde is {actual}; toegestaan is {min} tot {max}." / "Kies een waarde binnen de grenzen.",
        en: "The value is {actual}; {min} to {max} is allowed." / "Choose a value within the bounds.";
    ControlCharacter = "control_character",
        nl: "De tekst bevat besturingstekens." / "Verwijder de onzichtbare tekens.",
        en: "The text holds control characters." / "Remove the invisible characters.";
    Email = "email",
        nl: "Dit is geen e-mailadres." / "Gebruik de vorm naam@bedrijf.nl.",
        en: "This is not an e-mail address." / "Use the form name@company.com.";
    NotOwnAddress = "not_own_address",
        nl: "Dit adres hoort niet bij uw organisatie." / "Gebruik het contactadres van uw organisatie.",
        en: "This address is not one of your organisation." / "Use the contact address of your organisation.";
    Country = "country",
        nl: "Dit is geen landcode." / "Gebruik twee hoofdletters, zoals NL.",
        en: "This is not a country code." / "Use two capital letters, such as NL.";
    TimeZone = "time_zone",
        nl: "Deze tijdzone bestaat niet." / "Gebruik een IANA-naam, zoals Europe/Amsterdam.",
        en: "This time zone does not exist." / "Use an IANA name, such as Europe/Amsterdam.";
    Cidr = "cidr",
        nl: "‘{actual}’ is geen netwerk." / "Gebruik een adres of netwerk, zoals 203.0.113.0/24.",
        en: "‘{actual}’ is not a network." / "Use an address or network, such as 203.0.113.0/24.";
    Origin = "origin",
        nl: "‘{actual}’ is geen herkomst van webpagina's." / "Gebruik https:// en de naam van de site, zonder pad en zonder *, zoals https://www.bedrijf.nl. http:// kan alleen voor deze computer (localhost).",
        en: "‘{actual}’ is not an origin of web pages." / "Use https:// and the name of the site, without a path and without *, such as https://www.company.com. http:// is for this computer (localhost) alone.";
    OneOf = "one_of",
        nl: "De waarde ‘{actual}’ bestaat hier niet. Toegestaan: {allowed}." / "Kies een van de genoemde waarden.",
        en: "The value ‘{actual}’ does not exist here. Allowed: {allowed}." / "Choose one of the values named.";
    WrongType = "wrong_type",
        nl: "Hier staat {actual}; verwacht is {expected}." / "Stuur het veld in de verwachte vorm.",
        en: "This is {actual}; expected is {expected}." / "Send the member in the expected form.";
    UnknownField = "unknown_field",
        nl: "Het veld ‘{actual}’ bestaat hier niet. Toegestaan: {allowed}." / "Verwijder het of verbeter de naam.",
        en: "The member ‘{actual}’ does not exist here. Allowed: {allowed}." / "Remove it or correct its name.";
    Syntax = "syntax",
        nl: "De waarde kan niet worden gelezen: {reason}." / "Verbeter de schrijfwijze.",
        en: "The value cannot be read: {reason}." / "Correct the notation.";
    JsonSyntax = "json_syntax",
        nl: "Dit is geen geldige JSON (regel {line}, kolom {column})." / "Controleer aanhalingstekens, komma's en haakjes.",
        en: "This is not valid JSON (line {line}, column {column})." / "Check quotes, commas and brackets.";
    Order = "order",
        nl: "De ondergrens ligt niet onder de bovengrens." / "Verwissel de grenzen of laat er een weg.",
        en: "The lower limit is not below the upper one." / "Swap the limits or leave one out.";
    Repeated = "repeated",
        nl: "Dit staat er twee keer." / "Laat elk onderdeel één keer staan.",
        en: "This stands here twice." / "Keep each part once.";
    SchemaSize = "schema_size",
        nl: "Het schema is te groot: {actual}; toegestaan is {limit}." / "Maak het schema kleiner of platter.",
        en: "The schema is too large: {actual}; {limit} is allowed." / "Make the schema smaller or flatter.";
    SchemaKeyword = "schema_keyword",
        nl: "‘{keyword}’ bij {at} wordt niet ondersteund." / "Schrijf het schema zonder dit sleutelwoord.",
        en: "‘{keyword}’ at {at} is not supported." / "Write the schema without this keyword.";
    SchemaValue = "schema_value",
        nl: "De waarde bij {at} past niet; verwacht is {expected}." / "Volg JSON Schema 2020-12.",
        en: "The value at {at} does not fit; expected is {expected}." / "Follow JSON Schema 2020-12.";
    SchemaReference = "schema_reference",
        nl: "De verwijzing ‘{reference}’ bij {at} leidt niet naar een plek in dit schema." / "Verwijs met # naar een plek in het schema zelf; adressen worden niet opgehaald.",
        en: "The reference ‘{reference}’ at {at} leads to no place in this schema." / "Refer with # to a place in the schema itself; addresses are not fetched.";
    SchemaLoop = "schema_loop",
        nl: "De verwijzing bij {at} komt bij zichzelf uit." / "Verwijs naar een onderdeel van de gegevens, of haal de kring eruit.",
        en: "The reference at {at} leads back to itself." / "Refer to a part of the data, or break the circle.";
    SchemaPattern = "schema_pattern",
        nl: "Het patroon bij {at} kan niet worden gebruikt: {reason}." / "Vooruit- en terugkijken en terugverwijzingen bestaan hier niet; houd patronen klein.",
        en: "The pattern at {at} cannot be used: {reason}." / "Look-around and back-references do not exist here; keep patterns small.";
    NotListed = "not_listed",
        nl: "De waarde staat niet in de lijst: {allowed}." / "Kies een waarde uit de lijst.",
        en: "The value is not in the list: {allowed}." / "Choose a value of the list.";
    Bound = "bound",
        nl: "De waarde voldoet niet aan {rule}." / "Verbeter de waarde.",
        en: "The value does not satisfy {rule}." / "Correct the value.";
    Count = "count",
        nl: "Hier {actual|staat|staan} {actual} {actual|onderdeel|onderdelen}; toegestaan is {min} tot {max}." / "Verbeter het aantal.",
        en: "This has {actual} {actual|part|parts}; {min} to {max} are allowed." / "Correct the number.";
    Pattern = "pattern",
        nl: "De tekst past niet bij het patroon {pattern}." / "Verbeter de schrijfwijze van de waarde.",
        en: "The text does not fit the pattern {pattern}." / "Correct the notation of the value.";
    NotAllowed = "not_allowed",
        nl: "Dit veld is hier niet toegestaan." / "Verwijder het veld of verbeter zijn naam.",
        en: "This member is not allowed here." / "Remove the member or correct its name.";
    NoForm = "no_form",
        nl: "De waarde past bij geen van de {count} toegestane vormen." / "Volg een van de vormen in het schema.",
        en: "The value fits none of the {count} forms that are allowed." / "Follow one of the forms in the schema.";
    SeveralForms = "several_forms",
        nl: "De waarde past bij meer dan één vorm, en mag er maar bij één passen." / "Maak de waarde eenduidig.",
        en: "The value fits more than one form and may fit one alone." / "Make the value unambiguous.";
    Excluded = "excluded",
        nl: "De waarde heeft een vorm die is uitgesloten." / "Kies een andere vorm.",
        en: "The value has a form that is excluded." / "Choose another form.";
    TooComplex = "too_complex",
        nl: "Het schema heeft voor deze gegevens te veel stappen nodig." / "Maak het schema eenvoudiger.",
        en: "The schema takes too many steps for this data." / "Make the schema simpler.";
    OneCredential = "one_credential",
        nl: "Geef een toegangscode, óf een gebruikersnaam met wachtwoord." / "Stuur precies één van beide.",
        en: "Give an access code, or a username with a password." / "Send exactly one of the two.";
    PasswordCommon = "password_common",
        nl: "Dit wachtwoord staat op lijsten van veelgebruikte wachtwoorden, of het herhaalt zichzelf." / "Kies een ander wachtwoord; een zin van vier woorden werkt goed.",
        en: "This password is on lists of common passwords, or it repeats itself." / "Choose another; a phrase of four words works well.";
    PasswordContext = "password_context",
        nl: "Het wachtwoord bevat een naam die voor de hand ligt." / "Laat product, bedrijf en gebruikersnaam weg.",
        en: "The password holds a name that is easy to guess." / "Leave out product, company and username.";
    PasswordWrong = "password_wrong",
        nl: "Het huidige wachtwoord klopt niet." / "Vul het wachtwoord in waarmee u bent aangemeld.",
        en: "The current password is not right." / "Fill in the password that you signed in with.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        // Words that follow a number may follow it as often as a language needs.
        let mut names: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name.split('|').next().unwrap_or(name)))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// I18N-01, GEN-04: every code has a text of its own in both languages, with the same values in it.
    #[test]
    fn every_code_has_both_languages() {
        for code in Code::ALL {
            let (nl, en) = (code.text(Lang::Nl), code.text(Lang::En));
            assert_ne!(nl.1, en.1, "{code:?} is not translated");
            assert_eq!(placeholders(nl.1), placeholders(en.1), "{code:?}");
            assert!(nl.1.ends_with('.') && en.1.ends_with('.'), "{code:?} is no sentence");
            assert!(!nl.1.contains('!') && !nl.1.contains("je "), "{code:?} is not in our tone");
        }
        for code in FieldCode::ALL {
            let (nl, en) = (code.text(Lang::Nl), code.text(Lang::En));
            assert!(nl.0 != en.0 && nl.1 != en.1, "{code:?} is not translated");
            assert_eq!(placeholders(nl.0), placeholders(en.0), "{code:?}");
        }
    }

    /// GEN-04: codes are stable names, each used once.
    #[test]
    fn codes_are_unique() {
        for code in Code::ALL {
            assert_eq!(Code::ALL.iter().filter(|c| c.as_str() == code.as_str()).count(), 1, "{code:?}");
            assert!((400..600).contains(&code.status()));
        }
    }

    /// GEN-04: templates are filled once, and braces in values stay values.
    #[test]
    fn values_are_filled_in() {
        let args = Args::from([("a".to_owned(), "{b}".to_owned()), ("b".to_owned(), "x".to_owned())]);
        assert_eq!(fill("1 {a} 2 {b} {c} {", &args), "1 {b} 2 x {c} {");
    }

    /// I18N-02, GEN-04: one is told from many, in every text that counts what may be one.
    #[test]
    fn words_follow_their_number() {
        for (n, word) in [("0", "logs"), ("1", "log"), ("2", "logs"), ("1.000", "logs")] {
            let args = Args::from([("n".to_owned(), n.to_owned())]);
            assert_eq!(fill("{n} {n|log|logs}, {m|a|b}", &args), format!("{n} {word}, {{m|a|b}}"));
        }
        for code in Code::ALL {
            for lang in Lang::ALL {
                let (_, text) = code.text(lang);
                let one = placeholders(text).into_iter().map(|name| (name.to_owned(), "1".to_owned()));
                let text = fill(text, &one.collect());
                for wrong in [
                    " 1 seconden",
                    " 1 seconds",
                    " 1 actieve API-sleutels",
                    " 1 logs",
                    " 1 regels kon",
                    " 1 items could",
                ] {
                    assert!(!text.contains(wrong), "{code:?}: {text}");
                }
            }
        }
    }
}
