//! What things are called.

/// A team by nature: its name, the unit it belongs to, the system it builds and the services of that system.
pub(super) struct Blueprint {
    pub(super) team: &'static str,
    pub(super) parent: &'static str,
    pub(super) system: &'static str,
    pub(super) services: [&'static str; 6],
}

const fn team(
    team: &'static str,
    parent: &'static str,
    system: &'static str,
    services: [&'static str; 6],
) -> Blueprint {
    Blueprint { team, parent, system, services }
}

/// The teams in the order in which smaller organisations take them. The platform teams are those of the unit
/// [`PLATFORM`]; the first comes first, because there is no organisation without one.
pub(super) const TEAMS: [Blueprint; 20] = [
    team(
        "developer-platform",
        PLATFORM,
        "delivery",
        [
            "developer-portal",
            "gitops-controller",
            "ci-runners",
            "image-registry",
            "template-catalogue",
            "policy-engine",
        ],
    ),
    team("checkout", "commerce", "shop", ["checkout", "cart", "tax", "vouchers", "order-intake", "address-check"]),
    team("payments", "finance", "payment", ["payments", "ledger", "refunds", "card-vault", "payouts", "fraud-check"]),
    team("search", "discovery", "discovery", ["search", "search-index", "suggest", "ranking", "synonyms", "query-log"]),
    team(
        "identity",
        "accounts",
        "identity",
        ["identity", "sessions", "permissions", "sign-in", "audit-log", "consent"],
    ),
    team(
        "catalogue",
        "commerce",
        "shop",
        ["catalogue", "pricing", "product-media", "categories", "attributes", "import"],
    ),
    team("fulfilment", "logistics", "supply", ["fulfilment", "picking", "packing", "labels", "returns", "slotting"]),
    team(
        "mobile",
        "experience",
        "apps",
        ["mobile-gateway", "push", "deep-links", "app-config", "device-sync", "releases"],
    ),
    team(
        "messaging",
        "experience",
        "contact",
        ["messages", "mailer", "text-messages", "inbox", "templates", "bounces"],
    ),
    team(
        "recommendations",
        "discovery",
        "discovery",
        ["recommend", "features", "trainer", "similar", "trends", "cold-start"],
    ),
    team(
        "storefront",
        "experience",
        "shop",
        ["storefront", "web-gateway", "content", "landing", "navigation", "assets"],
    ),
    team(
        "runtime-platform",
        PLATFORM,
        "runtime",
        ["service-mesh", "autoscaler", "secrets-store", "telemetry-pipeline", "dns-manager", "cost-explorer"],
    ),
    team(
        "inventory",
        "logistics",
        "supply",
        ["inventory", "stock-events", "replenish", "counts", "locations", "forecast"],
    ),
    team(
        "billing",
        "finance",
        "payment",
        ["invoices", "dunning", "subscriptions", "usage-meter", "credit-notes", "revenue"],
    ),
    team(
        "analytics",
        "insight",
        "data",
        ["events", "warehouse-loader", "dashboards", "attribution", "funnels", "exports"],
    ),
    team("loyalty", "commerce", "growth", ["loyalty", "points", "rewards", "tiers", "referrals", "badges"]),
    team("shipping", "logistics", "supply", ["shipping", "carriers", "tracking", "customs", "rates", "pickup-points"]),
    team(
        "merchant",
        "marketplace",
        "market",
        ["merchants", "onboarding", "listings", "settlement", "merchant-portal", "quality"],
    ),
    team(
        "support-tools",
        "insight",
        "contact",
        ["cases", "agent-desk", "chat", "knowledge", "call-routing", "feedback"],
    ),
    team(
        "experimentation",
        "insight",
        "data",
        ["experiments", "flags", "assignment", "metrics-store", "readouts", "segments"],
    ),
];

/// The unit of the platform teams.
pub(super) const PLATFORM: &str = "engineering-platform";

pub(super) const FIRST: [&str; 60] = [
    "ada", "adrian", "aisha", "alba", "alex", "amara", "amir", "ana", "andrei", "anja", "arjun", "astrid", "aylin",
    "bao", "beatriz", "ben", "carla", "chen", "chiara", "daan", "deniz", "diego", "elena", "emeka", "emil", "emma",
    "farah", "felix", "finn", "freya", "grace", "hana", "hugo", "ines", "ivan", "jonas", "julia", "kaito", "kofi",
    "lara", "leila", "liam", "lina", "luca", "magda", "maria", "mateo", "mei", "mira", "nadia", "nils", "noor", "olga",
    "omar", "priya", "rosa", "sami", "sofia", "tariq", "yuki",
];

pub(super) const LAST: [&str; 53] = [
    "abbas", "almeida", "andersen", "baker", "bauer", "becker", "bianchi", "brandt", "castro", "chandra", "cohen",
    "costa", "diallo", "dubois", "eriksen", "farkas", "fischer", "garcia", "gupta", "haddad", "hansen", "ito",
    "jansen", "kaya", "keller", "khan", "kim", "kovac", "kumar", "larsen", "lehmann", "lopez", "martin", "meyer",
    "mora", "nakamura", "novak", "okafor", "olsen", "park", "patel", "petrov", "reyes", "rossi", "santos", "schmidt",
    "silva", "singh", "sousa", "tanaka", "vargas", "weber", "zhang",
];

const VERBS: [&str; 12] =
    ["Add", "Simplify", "Speed up", "Fix", "Rename", "Split", "Test", "Document", "Log", "Validate", "Cache", "Remove"];

const OBJECTS: [&str; 20] = [
    "retry of the outgoing call",
    "request validation",
    "the pagination",
    "error messages",
    "the connection pool",
    "time-out handling",
    "the configuration loader",
    "feature flag clean-up",
    "currency rounding",
    "the health check",
    "the nightly job",
    "tracing of slow requests",
    "the access check",
    "idempotency keys",
    "the event schema",
    "the database index",
    "rate limits",
    "the empty state",
    "the export format",
    "old endpoints",
];

const PACKAGES: [&str; 8] =
    ["serde", "tokio", "log4j", "react", "spring-boot", "jackson", "openssl", "postgres-driver"];

/// The title of a person's change, from a number drawn at random.
pub(super) fn change_title(draw: u32) -> String {
    let draw = draw as usize;
    format!("{} {}", VERBS[draw % VERBS.len()], OBJECTS[draw / VERBS.len() % OBJECTS.len()])
}

/// The title of a bot's change.
pub(super) fn bump_title(draw: u32) -> String {
    let (minor, patch) = (draw / 8 % 30, draw / 240 % 10);
    format!("Bump {} to 1.{minor}.{patch}", PACKAGES[draw as usize % PACKAGES.len()])
}

/// A title for an incident of a service.
pub(super) fn incident_title(service: &str, draw: u32) -> String {
    const SYMPTOMS: [&str; 8] = [
        "answers with errors",
        "is slow",
        "drops requests",
        "shows stale data",
        "refuses sign-ins",
        "loses events",
        "runs out of memory",
        "times out",
    ];
    format!("{service} {}", SYMPTOMS[draw as usize % SYMPTOMS.len()])
}

/// A name that stays unique when an organisation is larger than the list: the second round is `payments-2`.
pub(super) fn numbered(name: &str, round: usize) -> String {
    if round == 0 { name.to_owned() } else { format!("{name}-{}", round + 1) }
}
