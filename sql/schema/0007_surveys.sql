-- Surveys. What people answered stays in `survey`; only `survey.cell`, made once when a wave closes, is read by a mart.
create schema survey;

-- One row per wave of a survey.
create table survey.wave (
    name varchar not null,
    opened_at timestamp not null,
    -- Null while people may still answer; until then there are no figures.
    closed_at timestamp,
);

-- One row per wave and team: how many people were asked, and how many answered.
create table survey.invited (
    wave varchar not null,
    team varchar not null,
    n integer not null,
    n_answered integer not null,
);

-- One row per answer to one question: without the person, the time of day, or what else they answered.
create table survey.answer (
    wave varchar not null,
    team varchar not null,
    question varchar not null,
    area varchar,
    value integer not null,
);

-- One row per closed wave, team (null: all) and question, never changed. A cell that is withheld has no numbers at all.
create table survey.cell (
    wave varchar not null,
    closed_at timestamp not null,
    team varchar,
    question varchar not null,
    area varchar,
    -- How many people answered 0, 1, 2 and so on. Of the question `response`: how many did not answer, how many did.
    counts integer[],
    n integer,
    invited integer,
    answered integer,
    -- Why it is withheld.
    reason varchar,
);

-- One row per cell, with the key of its team.
create view marts.survey_cell as
select
    cell.wave,
    cell.closed_at,
    cell.wave || ', ' || coalesce(cell.team, 'all teams') || coalesce(', ' || cell.area, '') as subject,
    team_name.key as team_key,
    cell.question,
    cell.area,
    cell.counts,
    cell.n,
    cell.invited,
    cell.answered,
    cell.reason,
from survey.cell
left join marts.name as team_name on team_name.name = cell.team;
