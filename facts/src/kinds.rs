//! The eighteen kinds of fact, exactly as the intake format names them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::cell::Cell;
use crate::currency::Currency;
use crate::spec::{Column, ColumnType, Default as Value, Fact, FieldType, Kind, Person, Spec};

/// Declares words that a column may hold.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// The word as it stands in files and tables.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FieldType for $name {
            const TYPE: ColumnType = ColumnType::Choice(&[$($word),+]);
            const REQUIRED: bool = true;
            fn cell(&self) -> Cell<'_> {
                Cell::Text(self.as_str())
            }
        }
    };
}

/// Declares a kind of fact: its struct and its description, from one list of fields.
macro_rules! fact {
    (
        #[doc = $doc:literal]
        $name:ident as $table:literal, identity $identity:expr, observed $observed:literal,
        ordered $ordered:expr, defaults $defaults:expr,
        { $(#[doc = $field_doc:literal] $field:ident as $column:literal: $rust:ty),+ $(,)? }
    ) => {
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $(#[doc = $field_doc] pub $field: $rust,)+
            /// Where the evidence can be looked at.
            pub url: Option<String>,
        }

        impl Fact for $name {
            const SPEC: &'static Spec = &Spec {
                kind: Kind::$name,
                name: $table,
                doc: $doc,
                columns: &[
                    SOURCE,
                    $(Column {
                        name: $column,
                        column_type: <$rust as FieldType>::TYPE,
                        is_required: <$rust as FieldType>::REQUIRED,
                        doc: $field_doc,
                    },)+
                    URL,
                ],
                identity: &$identity,
                observed: $observed,
                ordered: &$ordered,
                defaults: &$defaults,
            };

            fn cells(&self) -> Vec<Cell<'_>> {
                vec![Cell::Null, $(self.$field.cell(),)+ self.url.cell()]
            }
        }
    };
}

const SOURCE: Column = Column {
    name: "source",
    column_type: ColumnType::Text,
    is_required: false,
    doc: "The source instance the fact comes from (default: import).",
};

const URL: Column = Column {
    name: "url",
    column_type: ColumnType::Text,
    is_required: false,
    doc: "Where the evidence can be looked at.",
};

choice! {
    /// How a deployment ended.
    DeploymentResult {
        /// It reached its environment.
        Success = "success",
        /// It did not.
        Failure = "failure",
        /// It was stopped.
        Cancelled = "cancelled",
    }
}

choice! {
    /// Why a deployment was made.
    DeploymentKind {
        /// Planned work.
        Deploy = "deploy",
        /// Back to an earlier revision.
        Rollback = "rollback",
        /// An unplanned repair.
        Hotfix = "hotfix",
    }
}

choice! {
    /// What a ticket asks for.
    TicketKind {
        /// Do something for me.
        Request = "request",
        /// How does this work?
        Question = "question",
        /// It is broken.
        Bug = "bug",
    }
}

choice! {
    /// Whom a team serves.
    TeamKind {
        /// It builds products on the platform.
        Product = "product",
        /// It builds the platform.
        Platform = "platform",
    }
}

choice! {
    /// Through what a request for infrastructure came.
    Channel {
        /// The platform's own self-service.
        SelfService = "self_service",
        /// A ticket to a person.
        Ticket = "ticket",
    }
}

choice! {
    /// How far a provisioning request has come.
    ProvisioningResult {
        /// Not finished.
        Pending = "pending",
        /// Ready.
        Succeeded = "succeeded",
        /// It could not be done.
        Failed = "failed",
        /// It was withdrawn.
        Cancelled = "cancelled",
    }
}

choice! {
    /// What evaluating a policy on a service gave.
    PolicyOutcome {
        /// Complies.
        Pass = "pass",
        /// Violates.
        Fail = "fail",
        /// Violates, with a granted exemption.
        Exempt = "exempt",
    }
}

choice! {
    /// Where a policy was evaluated or enforced.
    Layer {
        /// In the editor.
        Editor = "editor",
        /// Before the commit.
        PreCommit = "pre_commit",
        /// In the pipeline.
        Ci = "ci",
        /// At admission to the cluster.
        Admission = "admission",
        /// In a continuous scan.
        Scan = "scan",
    }
}

choice! {
    /// How an exemption was decided.
    Decision {
        /// Allowed for a time.
        Granted = "granted",
        /// Not allowed.
        Refused = "refused",
    }
}

choice! {
    /// What a time saving rests on.
    Basis {
        /// Measured by a tool.
        Telemetry = "telemetry",
        /// Said by people.
        Survey = "survey",
    }
}

fact! {
    /// One run that brought, or tried to bring, a revision of a service into an environment.
    Deployment as "deployment", identity ["id"], observed "finished_at",
    ordered [("started_at", "finished_at")], defaults [("kind", Value::Text("deploy"))],
    {
        /// The identifier in the source.
        id as "id": String,
        /// The service deployed.
        service as "service": String,
        /// The environment it went to.
        environment as "environment": String,
        /// When it ended.
        finished_at as "finished_at": DateTime<Utc>,
        /// How it ended.
        result as "result": DeploymentResult,
        /// When it began.
        started_at as "started_at": Option<DateTime<Utc>>,
        /// The revision deployed.
        revision as "revision": Option<String>,
        /// The revision that ran before.
        previous_revision as "previous_revision": Option<String>,
        /// The repository of the revision.
        repository as "repository": Option<String>,
        /// Why it was made.
        kind as "kind": Option<DeploymentKind>,
        /// Who or what triggered it.
        actor as "actor": Option<Person>,
    }
}

fact! {
    /// A merged pull request or a direct commit on the trunk.
    Change as "change", identity ["id"], observed "merged_at",
    ordered [], defaults [],
    {
        /// The identifier in the source.
        id as "id": String,
        /// The repository changed.
        repository as "repository": String,
        /// When it reached the trunk.
        merged_at as "merged_at": DateTime<Utc>,
        /// The commit that brought it onto the trunk. Where deployments list commits, the one that lists this one brings the change.
        merge_revision as "merge_revision": Option<String>,
        /// When its first commit was authored.
        first_commit_at as "first_commit_at": Option<DateTime<Utc>>,
        /// When it was opened for review.
        opened_at as "opened_at": Option<DateTime<Utc>>,
        /// When somebody else first reviewed it.
        first_review_at as "first_review_at": Option<DateTime<Utc>>,
        /// When it was approved.
        approved_at as "approved_at": Option<DateTime<Utc>>,
        /// Who wrote it.
        author as "author": Option<Person>,
        /// Lines added.
        additions as "additions": Option<i64>,
        /// Lines removed.
        deletions as "deletions": Option<i64>,
        /// The change or revision that it undoes.
        reverts as "reverts": Option<String>,
        /// Its title.
        title as "title": Option<String>,
    }
}

fact! {
    /// A commit that is not a merge.
    Commit as "commit", identity ["revision", "repository"], observed "committed_at",
    ordered [], defaults [],
    {
        /// Its object name.
        revision as "revision": String,
        /// The repository it lies in.
        repository as "repository": String,
        /// When it was written.
        authored_at as "authored_at": DateTime<Utc>,
        /// When it was committed.
        committed_at as "committed_at": DateTime<Utc>,
        /// The change it belongs to.
        change_id as "change_id": Option<String>,
    }
}

fact! {
    /// The deployment brought this commit into the environment for the first time.
    DeployedCommit as "deployed_commit", identity ["deployment_id", "revision"], observed "",
    ordered [], defaults [],
    {
        /// The deployment.
        deployment_id as "deployment_id": String,
        /// The commit.
        revision as "revision": String,
        /// The repository of the commit.
        repository as "repository": Option<String>,
    }
}

fact! {
    /// A disturbance that users noticed.
    Incident as "incident", identity ["id"], observed "opened_at",
    ordered [("opened_at", "acknowledged_at"), ("opened_at", "resolved_at")], defaults [],
    {
        /// The identifier in the source.
        id as "id": String,
        /// When it was opened.
        opened_at as "opened_at": DateTime<Utc>,
        /// The service disturbed.
        service as "service": Option<String>,
        /// When somebody took it on.
        acknowledged_at as "acknowledged_at": Option<DateTime<Utc>>,
        /// When service was restored.
        resolved_at as "resolved_at": Option<DateTime<Utc>>,
        /// How bad it was, in the source's words.
        severity as "severity": Option<String>,
        /// The deployment that caused it.
        caused_by_deployment as "caused_by_deployment": Option<String>,
        /// Its title.
        title as "title": Option<String>,
    }
}

fact! {
    /// A request, question or bug that somebody brought to a team.
    Ticket as "ticket", identity ["id"], observed "opened_at",
    ordered [("opened_at", "first_response_at"), ("opened_at", "resolved_at")], defaults [],
    {
        /// The identifier in the source.
        id as "id": String,
        /// The queue it lies in.
        queue as "queue": String,
        /// When it was opened.
        opened_at as "opened_at": DateTime<Utc>,
        /// What it asks for.
        kind as "kind": Option<TicketKind>,
        /// What it is about.
        category as "category": Option<String>,
        /// The team that asked.
        team as "team": Option<String>,
        /// When somebody first answered.
        first_response_at as "first_response_at": Option<DateTime<Utc>>,
        /// When it was done.
        resolved_at as "resolved_at": Option<DateTime<Utc>>,
        /// Whether a document should have answered it.
        answered_by_docs as "answered_by_docs": Option<bool>,
    }
}

fact! {
    /// A catalogue entry as it is from `valid_from` on; a later row ends the earlier one.
    Service as "service", identity ["name", "valid_from"], observed "valid_from",
    ordered [], defaults [("valid_from", Value::Now)],
    {
        /// The service.
        name as "name": String,
        /// From when on this holds.
        valid_from as "valid_from": Option<DateTime<Utc>>,
        /// The team that owns it.
        team as "team": Option<String>,
        /// The system it belongs to.
        system as "system": Option<String>,
        /// Its stage of life, in the catalogue's words.
        lifecycle as "lifecycle": Option<String>,
        /// What it is (service, website, library, ...).
        kind as "kind": Option<String>,
        /// Its repository.
        repository as "repository": Option<String>,
        /// The template it was made from.
        template as "template": Option<String>,
        /// That template's version.
        template_version as "template_version": Option<String>,
        /// The reusable pipeline it uses.
        pipeline as "pipeline": Option<String>,
        /// That pipeline's version.
        pipeline_version as "pipeline_version": Option<String>,
        /// Whether it has been taken out of service.
        retired as "retired": Option<bool>,
    }
}

fact! {
    /// A team as it is from `valid_from` on; a later row ends the earlier one.
    Team as "team", identity ["name", "valid_from"], observed "valid_from",
    ordered [], defaults [("valid_from", Value::Now), ("kind", Value::Text("product"))],
    {
        /// The team.
        name as "name": String,
        /// From when on this holds.
        valid_from as "valid_from": Option<DateTime<Utc>>,
        /// Whom it serves.
        kind as "kind": Option<TeamKind>,
        /// Its head count of engineers.
        engineers as "engineers": Option<i64>,
        /// The unit it belongs to.
        parent as "parent": Option<String>,
    }
}

fact! {
    /// An engineer's time with the company.
    Engineer as "engineer", identity ["id"], observed "joined_at",
    ordered [("joined_at", "left_at")], defaults [],
    {
        /// Who (hashed on write).
        id as "id": Person,
        /// When they joined.
        joined_at as "joined_at": DateTime<Utc>,
        /// Their team.
        team as "team": Option<String>,
        /// When they left.
        left_at as "left_at": Option<DateTime<Utc>>,
    }
}

fact! {
    /// A request for infrastructure.
    Provisioning as "provisioning", identity ["id"], observed "requested_at",
    ordered [("requested_at", "approved_at"), ("requested_at", "ready_at")], defaults [],
    {
        /// The identifier in the source.
        id as "id": String,
        /// What was asked for.
        kind as "kind": String,
        /// For which environment.
        environment as "environment": String,
        /// By which team.
        team as "team": String,
        /// Through what.
        channel as "channel": Channel,
        /// When it was asked for.
        requested_at as "requested_at": DateTime<Utc>,
        /// For which service.
        service as "service": Option<String>,
        /// Whether somebody had to approve it.
        approval_required as "approval_required": Option<bool>,
        /// When it was approved.
        approved_at as "approved_at": Option<DateTime<Utc>>,
        /// When it was ready for use.
        ready_at as "ready_at": Option<DateTime<Utc>>,
        /// How far it has come.
        result as "result": Option<ProvisioningResult>,
    }
}

fact! {
    /// What a policy found on a service, as it is from `at` on.
    PolicyResult as "policy_result", identity ["policy", "service", "at"], observed "at",
    ordered [], defaults [],
    {
        /// The policy.
        policy as "policy": String,
        /// The service evaluated.
        service as "service": String,
        /// From when on this holds.
        at as "at": DateTime<Utc>,
        /// What was found.
        result as "result": PolicyOutcome,
        /// Where it was evaluated.
        layer as "layer": Option<Layer>,
        /// How bad a violation is, in the source's words.
        severity as "severity": Option<String>,
    }
}

fact! {
    /// A violation stopped before it was deployed.
    PolicyBlock as "policy_block", identity ["id"], observed "at",
    ordered [], defaults [],
    {
        /// The identifier in the source.
        id as "id": String,
        /// The policy violated.
        policy as "policy": String,
        /// When it was stopped.
        at as "at": DateTime<Utc>,
        /// Where it was stopped.
        layer as "layer": Layer,
        /// The service concerned.
        service as "service": Option<String>,
        /// The team concerned.
        team as "team": Option<String>,
        /// How bad it is, in the source's words.
        severity as "severity": Option<String>,
    }
}

fact! {
    /// A request to be exempt from a policy.
    Exemption as "exemption", identity ["id"], observed "requested_at",
    ordered [("requested_at", "decided_at")], defaults [],
    {
        /// The identifier in the source.
        id as "id": String,
        /// The policy.
        policy as "policy": String,
        /// When it was asked for.
        requested_at as "requested_at": DateTime<Utc>,
        /// The service concerned.
        service as "service": Option<String>,
        /// The team concerned.
        team as "team": Option<String>,
        /// When it was decided.
        decided_at as "decided_at": Option<DateTime<Utc>>,
        /// How it was decided.
        decision as "decision": Option<Decision>,
        /// When it ends.
        expires_at as "expires_at": Option<DateTime<Utc>>,
    }
}

fact! {
    /// A team's quota and its use, as they are from `at` on.
    Quota as "quota", identity ["team", "environment", "resource", "at"], observed "at",
    ordered [], defaults [],
    {
        /// The team.
        team as "team": String,
        /// The environment.
        environment as "environment": String,
        /// What is limited (cpu, memory, gpu, ...).
        resource as "resource": String,
        /// From when on this holds.
        at as "at": DateTime<Utc>,
        /// How much is allowed.
        quota_limit as "quota_limit": f64,
        /// How much is used.
        used as "used": f64,
    }
}

fact! {
    /// How long a platform component was up within a span of time.
    Availability as "availability", identity ["component", "from", "to"], observed "to",
    ordered [("from", "to")], defaults [],
    {
        /// The component (portal, CI system, ...).
        component as "component": String,
        /// Begin of the span.
        from as "from": DateTime<Utc>,
        /// End of the span.
        to as "to": DateTime<Utc>,
        /// Seconds up within the span.
        up_seconds as "up_seconds": f64,
    }
}

fact! {
    /// A platform improvement, or its arrival at one team or service.
    Improvement as "improvement", identity ["id"], observed "at",
    ordered [], defaults [],
    {
        /// The identifier in the source.
        id as "id": String,
        /// The improvement.
        name as "name": String,
        /// When it arrived.
        at as "at": DateTime<Utc>,
        /// The team it arrived at.
        team as "team": Option<String>,
        /// The service it arrived at.
        service as "service": Option<String>,
    }
}

fact! {
    /// What a team's use of a resource cost on a day.
    Cost as "cost", identity ["team", "resource", "day", "service"], observed "day",
    ordered [], defaults [],
    {
        /// The team.
        team as "team": String,
        /// The resource.
        resource as "resource": String,
        /// The day.
        day as "day": NaiveDate,
        /// The amount.
        amount as "amount": f64,
        /// Its currency (ISO 4217).
        currency as "currency": Currency,
        /// The service.
        service as "service": Option<String>,
    }
}

fact! {
    /// A measured or surveyed saving of engineers' time.
    TimeSaving as "time_saving", identity ["id"], observed "at",
    ordered [], defaults [("occurrences", Value::Integer(1))],
    {
        /// The identifier in the source.
        id as "id": String,
        /// What saves the time.
        capability as "capability": String,
        /// When.
        at as "at": DateTime<Utc>,
        /// Hours saved per occurrence.
        hours as "hours": f64,
        /// How often.
        occurrences as "occurrences": Option<i64>,
        /// The team that saved it.
        team as "team": Option<String>,
        /// What the figure rests on.
        basis as "basis": Option<Basis>,
    }
}

impl Kind {
    /// All kinds, in the order of the intake format.
    pub const ALL: [Kind; 18] = [
        Kind::Deployment,
        Kind::Change,
        Kind::Commit,
        Kind::DeployedCommit,
        Kind::Incident,
        Kind::Ticket,
        Kind::Service,
        Kind::Team,
        Kind::Engineer,
        Kind::Provisioning,
        Kind::PolicyResult,
        Kind::PolicyBlock,
        Kind::Exemption,
        Kind::Quota,
        Kind::Availability,
        Kind::Improvement,
        Kind::Cost,
        Kind::TimeSaving,
    ];

    /// The description of this kind.
    pub fn spec(self) -> &'static Spec {
        match self {
            Kind::Deployment => Deployment::SPEC,
            Kind::Change => Change::SPEC,
            Kind::Commit => Commit::SPEC,
            Kind::DeployedCommit => DeployedCommit::SPEC,
            Kind::Incident => Incident::SPEC,
            Kind::Ticket => Ticket::SPEC,
            Kind::Service => Service::SPEC,
            Kind::Team => Team::SPEC,
            Kind::Engineer => Engineer::SPEC,
            Kind::Provisioning => Provisioning::SPEC,
            Kind::PolicyResult => PolicyResult::SPEC,
            Kind::PolicyBlock => PolicyBlock::SPEC,
            Kind::Exemption => Exemption::SPEC,
            Kind::Quota => Quota::SPEC,
            Kind::Availability => Availability::SPEC,
            Kind::Improvement => Improvement::SPEC,
            Kind::Cost => Cost::SPEC,
            Kind::TimeSaving => TimeSaving::SPEC,
        }
    }

    /// The kind of that name; the error names the nearest.
    pub fn parse(name: &str) -> Result<Kind, String> {
        Kind::ALL.into_iter().find(|kind| kind.spec().name == name).ok_or_else(|| {
            let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.spec().name).collect();
            format!(
                "there is no kind of fact `{name}`{}; the kinds are {}",
                crate::did_you_mean(name, &names),
                names.join(", ")
            )
        })
    }
}

/// Declares the fact of any kind.
macro_rules! any_fact {
    ($($name:ident),+ $(,)?) => {
        /// A fact of any kind, as a source gives them mixed.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "each variant is documented on its struct")]
        pub enum AnyFact {
            $($name($name),)+
        }

        impl AnyFact {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $(AnyFact::$name(_) => Kind::$name,)+
                }
            }

            /// Its values in the order of [`Spec::columns`].
            pub fn cells(&self) -> Vec<Cell<'_>> {
                match self {
                    $(AnyFact::$name(fact) => fact.cells(),)+
                }
            }
        }

        $(impl From<$name> for AnyFact {
            fn from(fact: $name) -> AnyFact {
                AnyFact::$name(fact)
            }
        })+
    };
}

any_fact!(
    Deployment,
    Change,
    Commit,
    DeployedCommit,
    Incident,
    Ticket,
    Service,
    Team,
    Engineer,
    Provisioning,
    PolicyResult,
    PolicyBlock,
    Exemption,
    Quota,
    Availability,
    Improvement,
    Cost,
    TimeSaving
);
