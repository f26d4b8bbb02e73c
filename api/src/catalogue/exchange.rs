//! Services and branches as files people keep: CSV for spreadsheets, JSON for programs. Pure: text to rows and back.
//!
//! CSV is separated by semicolons and begins with a byte-order mark, which is what spreadsheets of this country open
//! without questions. A column that is missing leaves what it would say as it is.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use talon_core::{
    hours_text::{self, Unread},
    ids::{BranchId, GroupId, ServiceId},
    settings::{
        BranchSettings, CallingRules, DayTimes, Hours, Location, Policy, Quotas, Service, ServiceGroup,
        Window,
    },
    text::LocalText,
};

const BOM: char = '\u{feff}';
/// Rows of one file.
pub const MOST_ROWS: usize = 5_000;

const SERVICE_COLUMNS: [&str; 12] = [
    "code",
    "group",
    "group_ru",
    "group_en",
    "letter",
    "name_ru",
    "name_en",
    "norm_seconds",
    "p80_seconds",
    "target_seconds",
    "long",
    "archived",
];
const BRANCH_COLUMNS: [&str; 13] = [
    "code",
    "region",
    "name_ru",
    "name_en",
    "address",
    "postal_code",
    "phone",
    "latitude",
    "longitude",
    "time_zone",
    "public",
    "day_starts",
    "hours",
];

/// Why a row was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// A column that must be there is not, or says nothing.
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} cannot be read")]
    Unreadable(String),
    #[error("hours cannot be read: {0}")]
    Hours(Unread),
}

/// Why a whole file was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Neither CSV with the columns needed, nor JSON of the form needed.
    #[error("the file cannot be read")]
    Unreadable,
    #[error("the file has too many rows")]
    TooLong,
}

/// A service of a file, with its group where the file tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRow {
    #[serde(flatten)]
    pub service: Service,
    #[serde(default)]
    pub archived: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_shape: Option<ServiceGroup>,
}

/// A branch of a file: what it says, to be laid over what is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchRow {
    pub code: BranchId,
    pub region: Option<String>,
    pub says: Says,
}

/// What a file says of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// Everything: JSON.
    All(Box<BranchSettings>),
    /// The columns of a CSV that were not empty.
    Some(Box<Columns>),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    pub name: Option<LocalText>,
    pub address: Option<String>,
    pub postal_code: Option<String>,
    pub phone: Option<String>,
    pub location: Option<Location>,
    pub time_zone: Option<String>,
    pub public: Option<bool>,
    pub day_starts: Option<NaiveTime>,
    pub hours: Option<String>,
}

/// One row with its number in the file, 1 for the first after the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<T> {
    pub number: usize,
    /// What the row is about, as far as it says.
    pub key: String,
    pub read: Result<T, RowFault>,
}

pub type Rows<T> = Result<Vec<Row<T>>, FileFault>;

/// Services as CSV, group by group.
#[must_use]
pub fn services_to_csv(groups: &[ServiceGroup], rows: &[ServiceRow]) -> String {
    let mut table = Vec::new();
    for group in groups {
        for row in rows.iter().filter(|it| it.service.group == group.id) {
            let it = &row.service;
            table.push(vec![
                it.id.to_string(),
                group.id.to_string(),
                group.name.ru.clone(),
                group.name.en.clone(),
                group.letter.to_string(),
                it.name.ru.clone(),
                it.name.en.clone(),
                it.norm_s.to_string(),
                it.p80_s.to_string(),
                it.target_s.map(|it| it.to_string()).unwrap_or_default(),
                yes_or_no(it.long),
                yes_or_no(row.archived),
            ]);
        }
    }
    csv_of(&SERVICE_COLUMNS, &table)
}

/// Branches as CSV; hours in words of the language.
#[must_use]
pub fn branches_to_csv(branches: &[(BranchId, Option<String>, BranchSettings)], language: &str) -> String {
    let degrees = |millionths: i32| format!("{:.6}", f64::from(millionths) / 1e6);
    let row = |(code, region, it): &(BranchId, Option<String>, BranchSettings)| {
        vec![
            code.to_string(),
            region.clone().unwrap_or_default(),
            it.name.ru.clone(),
            it.name.en.clone(),
            it.address.clone().unwrap_or_default(),
            it.postal_code.clone().unwrap_or_default(),
            it.phone.clone().unwrap_or_default(),
            it.location.map(|it| degrees(it.latitude_e6)).unwrap_or_default(),
            it.location.map(|it| degrees(it.longitude_e6)).unwrap_or_default(),
            it.time_zone.clone(),
            yes_or_no(it.public),
            it.day_starts_at.format("%H:%M").to_string(),
            hours_text::write(&it.hours.week, language),
        ]
    };
    csv_of(&BRANCH_COLUMNS, &branches.iter().map(row).collect::<Vec<_>>())
}

/// # Errors
/// `FileFault`.
pub fn services_from_csv(text: &str) -> Rows<ServiceRow> {
    rows(text, |columns| {
        let group = GroupId::parse(columns.needed("group")?);
        let group = group.map_err(|_| RowFault::Unreadable("group".into()))?;
        let group_shape = match (columns.get("group_ru"), columns.get("group_en"), columns.get("letter")) {
            (Some(ru), Some(en), Some(letter)) => Some(ServiceGroup {
                id: group.clone(),
                name: LocalText::new(ru, en),
                letter: letter.chars().next().ok_or(RowFault::Missing("letter"))?,
                icon: None,
            }),
            _ => None,
        };
        let service = Service {
            id: ServiceId::parse(columns.needed("code")?).map_err(|_| RowFault::Unreadable("code".into()))?,
            group,
            name: LocalText::new(columns.needed("name_ru")?, columns.needed("name_en")?),
            norm_s: columns.number("norm_seconds")?.ok_or(RowFault::Missing("norm_seconds"))?,
            p80_s: columns.number("p80_seconds")?.ok_or(RowFault::Missing("p80_seconds"))?,
            target_s: columns.number("target_seconds")?,
            long: columns.flag("long")?.unwrap_or(false),
        };
        Ok(ServiceRow { service, archived: columns.flag("archived")?.unwrap_or(false), group_shape })
    })
}

/// # Errors
/// `FileFault`.
pub fn branches_from_csv(text: &str) -> Rows<BranchRow> {
    rows(text, |columns| {
        let name = match (columns.get("name_ru"), columns.get("name_en")) {
            (None, None) => None,
            (ru, en) => Some(LocalText::new(ru.or(en).unwrap_or_default(), en.or(ru).unwrap_or_default())),
        };
        let location = match (columns.degrees("latitude")?, columns.degrees("longitude")?) {
            (Some(latitude_e6), Some(longitude_e6)) => Some(Location { latitude_e6, longitude_e6 }),
            _ => None,
        };
        let owned = |name| columns.get(name).map(str::to_owned);
        Ok(BranchRow {
            code: BranchId::parse(columns.needed("code")?)
                .map_err(|_| RowFault::Unreadable("code".into()))?,
            region: owned("region"),
            says: Says::Some(Box::new(Columns {
                name,
                address: owned("address"),
                postal_code: owned("postal_code"),
                phone: owned("phone"),
                location,
                time_zone: owned("time_zone"),
                public: columns.flag("public")?,
                day_starts: columns.time("day_starts")?,
                hours: owned("hours"),
            })),
        })
    })
}

/// # Errors
/// `FileFault`.
pub fn services_from_json(text: &str) -> Rows<ServiceRow> {
    let all: Vec<serde_json::Value> = json(text)?;
    Ok(numbered(all, |value| {
        serde_path_to_error::deserialize(value)
            .map_err(|error| RowFault::Unreadable(error.path().to_string()))
    }))
}

/// # Errors
/// `FileFault`.
pub fn branches_from_json(text: &str) -> Rows<BranchRow> {
    #[derive(Deserialize)]
    struct Whole {
        code: BranchId,
        #[serde(default)]
        region: Option<String>,
        settings: BranchSettings,
    }
    let all: Vec<serde_json::Value> = json(text)?;
    Ok(numbered(all, |value| {
        let whole: Whole = serde_path_to_error::deserialize(value)
            .map_err(|error| RowFault::Unreadable(error.path().to_string()))?;
        BranchId::parse(whole.code.as_str()).map_err(|_| RowFault::Unreadable("code".into()))?;
        Ok(BranchRow { code: whole.code, region: whole.region, says: Says::All(Box::new(whole.settings)) })
    }))
}

impl Says {
    /// The settings a branch has after the file, from those it has before.
    ///
    /// # Errors
    /// Hours that cannot be read; a new branch without name or time zone.
    pub fn laid_over(self, known: Option<&BranchSettings>) -> Result<BranchSettings, RowFault> {
        let columns = match self {
            Self::All(settings) => return Ok(*settings),
            Self::Some(columns) => *columns,
        };
        let mut settings = match known {
            Some(known) => known.clone(),
            None => first_settings(
                columns.name.clone().ok_or(RowFault::Missing("name_ru"))?,
                columns.time_zone.clone().ok_or(RowFault::Missing("time_zone"))?,
            ),
        };
        settings.day_starts_at = columns.day_starts.unwrap_or(settings.day_starts_at);
        if let Some(hours) = &columns.hours {
            settings.hours.week = hours_text::read(hours, settings.day_starts_at).map_err(RowFault::Hours)?;
        }
        settings.name = columns.name.unwrap_or(settings.name);
        settings.time_zone = columns.time_zone.unwrap_or(settings.time_zone);
        settings.public = columns.public.unwrap_or(settings.public);
        settings.address = columns.address.or(settings.address);
        settings.postal_code = columns.postal_code.or(settings.postal_code);
        settings.phone = columns.phone.or(settings.phone);
        settings.location = columns.location.or(settings.location);
        Ok(settings)
    }
}

/// A branch of which nothing else is known: one window, no hours.
fn first_settings(name: LocalText, time_zone: String) -> BranchSettings {
    BranchSettings {
        name,
        address: None,
        location: None,
        postal_code: None,
        phone: None,
        time_zone,
        public: true,
        languages: vec!["ru".into()],
        ticker: None,
        windows: vec![Window {
            id: talon_core::ids::WindowId::trusted("w1"),
            label: "1".into(),
            services: Vec::new(),
        }],
        without: Vec::new(),
        hours: Hours::default(),
        day_starts_at: NaiveTime::MIN,
        policy: Policy::default(),
        calling: CallingRules::default(),
        times: DayTimes::default(),
        quotas: Quotas::default(),
    }
}

/// The columns of one row by their names; an empty one says nothing.
struct Named<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Named<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|it| it.trim()).filter(|it| !it.is_empty())
    }

    fn needed(&self, name: &'static str) -> Result<&'a str, RowFault> {
        self.get(name).ok_or(RowFault::Missing(name))
    }

    fn number(&self, name: &'static str) -> Result<Option<u32>, RowFault> {
        self.get(name).map(|it| it.parse().map_err(|_| RowFault::Unreadable(name.into()))).transpose()
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>, RowFault> {
        match self.get(name).map(str::to_lowercase).as_deref() {
            None => Ok(None),
            Some("yes" | "да" | "true" | "1" | "y") => Ok(Some(true)),
            Some("no" | "нет" | "false" | "0" | "n") => Ok(Some(false)),
            Some(_) => Err(RowFault::Unreadable(name.into())),
        }
    }

    fn time(&self, name: &'static str) -> Result<Option<NaiveTime>, RowFault> {
        let read = |it| NaiveTime::parse_from_str(it, "%H:%M");
        self.get(name).map(|it| read(it).map_err(|_| RowFault::Unreadable(name.into()))).transpose()
    }

    /// Degrees as millionths; a comma is as good as a full stop.
    fn degrees(&self, name: &'static str) -> Result<Option<i32>, RowFault> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let value: f64 = text.replace(',', ".").parse().map_err(|_| RowFault::Unreadable(name.into()))?;
        let millionths = (value * 1e6).round();
        if !(-180e6..=180e6).contains(&millionths) {
            return Err(RowFault::Unreadable(name.into()));
        }
        #[expect(clippy::cast_possible_truncation, reason = "within 180 million, as was looked at above")]
        Ok(Some(millionths as i32))
    }
}

fn rows<T>(text: &str, read: impl Fn(&Named<'_>) -> Result<T, RowFault>) -> Rows<T> {
    let text = text.trim_start_matches(BOM);
    let head = text.lines().next().unwrap_or_default();
    let separator = if head.contains(';') || !head.contains(',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| FileFault::Unreadable)?.clone();
    if !headers.iter().any(|it| it.trim() == "code") {
        return Err(FileFault::Unreadable);
    }
    let mut found = Vec::new();
    for (index, record) in reader.records().enumerate() {
        if index >= MOST_ROWS {
            return Err(FileFault::TooLong);
        }
        let record = record.map_err(|_| FileFault::Unreadable)?;
        let named = Named(headers.iter().map(str::trim).zip(record.iter()).collect());
        let key = named.get("code").unwrap_or_default().to_owned();
        found.push(Row { number: index + 1, key, read: read(&named) });
    }
    Ok(found)
}

fn json(text: &str) -> Result<Vec<serde_json::Value>, FileFault> {
    let all: Vec<serde_json::Value> =
        serde_json::from_str(text.trim_start_matches(BOM)).map_err(|_| FileFault::Unreadable)?;
    if all.len() > MOST_ROWS { Err(FileFault::TooLong) } else { Ok(all) }
}

fn numbered<T>(
    all: Vec<serde_json::Value>,
    read: impl Fn(serde_json::Value) -> Result<T, RowFault>,
) -> Vec<Row<T>> {
    let row = |(index, value): (usize, serde_json::Value)| {
        let key = ["code", "id"].iter().find_map(|it| value[it].as_str()).unwrap_or_default().to_owned();
        Row { number: index + 1, key, read: read(value) }
    };
    all.into_iter().enumerate().map(row).collect()
}

fn csv_of(columns: &[&str], table: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let mut written = writer.write_record(columns);
    for row in table {
        written = written.and_then(|()| writer.write_record(row.iter().map(|it| safe(it))));
    }
    // Into memory and of equal length: writing cannot fail.
    let bytes = written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
    format!("{BOM}{}", String::from_utf8_lossy(&bytes))
}

/// A text that a spreadsheet would take for a formula is marked as text; a telephone stays what it is.
fn safe(text: &str) -> String {
    let is_formula = text.starts_with(['=', '@', '\t', '\r'])
        || (text.starts_with(['+', '-']) && text.chars().any(char::is_alphabetic));
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn yes_or_no(it: bool) -> String {
    if it { "yes".into() } else { "no".into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo;

    fn branch_settings() -> BranchSettings {
        let catalogue = demo::catalogue().expect("the demo's catalogue");
        catalogue.branch(&BranchId::trusted(demo::BRANCH)).expect("the demo's branch").clone()
    }

    /// As a CSV tells of them: without the pictures.
    fn sample() -> (Vec<ServiceGroup>, Vec<ServiceRow>) {
        let catalogue = demo::catalogue().expect("the demo's catalogue");
        let groups: Vec<ServiceGroup> =
            catalogue.service_groups().map(|it| ServiceGroup { icon: None, ..it }).collect();
        let row = |service: Service| ServiceRow {
            group_shape: groups.iter().find(|it| it.id == service.group).cloned(),
            service,
            archived: false,
        };
        let rows = catalogue.services().map(row).collect();
        (groups, rows)
    }

    #[test]
    fn services_come_back_as_they_were_written() {
        let (groups, rows) = sample();
        let text = services_to_csv(&groups, &rows);
        assert!(text.starts_with("\u{feff}code;group;"), "{text}");
        let read: Vec<ServiceRow> =
            services_from_csv(&text).expect("a file").into_iter().map(|it| it.read.expect("a row")).collect();
        assert_eq!(read, rows);
        let text = serde_json::to_string(&rows).expect("JSON");
        let read: Vec<ServiceRow> = services_from_json(&text)
            .expect("a file")
            .into_iter()
            .map(|it| it.read.expect("a row"))
            .collect();
        assert_eq!(read, rows);
    }

    #[test]
    fn a_branch_comes_back_with_place_phone_and_hours() {
        let settings = BranchSettings {
            address: Some("Москва; ул. \"Первая\", 1".into()),
            location: Some(Location { latitude_e6: 55_757_930, longitude_e6: -37_611_430 }),
            phone: Some("+7 495 000-00-01".into()),
            postal_code: Some("125009".into()),
            ..branch_settings()
        };
        let code = BranchId::trusted("centre");
        for language in ["ru", "en"] {
            let text = branches_to_csv(&[(code.clone(), None, settings.clone())], language);
            let mut rows = branches_from_csv(&text).expect("a file");
            let row = rows.remove(0).read.expect("a row");
            assert_eq!(row.says.clone().laid_over(Some(&branch_settings())), Ok(settings.clone()));
            let fresh = row.says.laid_over(None).expect("a new branch");
            assert_eq!((fresh.hours.week, fresh.windows.len()), (settings.hours.week.clone(), 1));
        }
    }

    #[test]
    fn what_a_row_lacks_is_told_and_the_others_are_read() {
        let text = "code,time_zone,name_ru,hours,latitude\n\
                    a,Europe/Moscow,Первое,пн-пт 9-18,55\n\
                    ,Europe/Moscow,Второе,,\n\
                    c,Europe/Moscow,Третье,как обычно,\n\
                    d,,Четвёртое,,\n\
                    e,Europe/Moscow,Пятое,,далеко\n";
        let rows = branches_from_csv(text).expect("a file");
        let after = |index: usize| {
            let row: Row<BranchRow> = rows[index].clone();
            row.read.and_then(|it| it.says.laid_over(None)).map(|it| it.name.en)
        };
        assert_eq!(after(0), Ok("Первое".into()), "the name serves both languages");
        assert_eq!(after(1), Err(RowFault::Missing("code")));
        assert!(matches!(after(2), Err(RowFault::Hours(_))));
        assert_eq!(after(3), Err(RowFault::Missing("time_zone")));
        assert_eq!(after(4), Err(RowFault::Unreadable("latitude".into())));
        assert_eq!(branches_from_csv("no;such;columns\n1;2;3\n"), Err(FileFault::Unreadable));
        assert_eq!(branches_from_json("{}"), Err(FileFault::Unreadable));
    }

    #[test]
    fn a_formula_is_text_in_a_spreadsheet() {
        assert_eq!(safe("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(safe("+cmd"), "'+cmd");
        assert_eq!(safe("+7 495 000-00-01"), "+7 495 000-00-01");
    }
}
