//! What is wrong with settings, and where: each fault stands at a path of the document people send.

/// One kind of fault. `code()` is part of the public contract; the sentence people read is chosen by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Empty,
    TooLong,
    TooMany,
    /// It stands there twice.
    Repeated,
    /// Nothing of that name exists.
    Unknown,
    OutOfRange,
    /// An interval that closes before it opens, or begins before the one above has ended.
    OutOfOrder,
    /// A code with other signs than codes have.
    WrongForm,
    /// Not what stands at such a place at all: text for a number, a key nobody reads.
    Unreadable,
}

impl Fault {
    pub const ALL: [Self; 9] = [
        Self::Empty,
        Self::TooLong,
        Self::TooMany,
        Self::Repeated,
        Self::Unknown,
        Self::OutOfRange,
        Self::OutOfOrder,
        Self::WrongForm,
        Self::Unreadable,
    ];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "EMPTY",
            Self::TooLong => "TOO_LONG",
            Self::TooMany => "TOO_MANY",
            Self::Repeated => "REPEATED",
            Self::Unknown => "UNKNOWN",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::OutOfOrder => "OUT_OF_ORDER",
            Self::WrongForm => "WRONG_FORM",
            Self::Unreadable => "UNREADABLE",
        }
    }
}

/// A fault and the value it stands at: `windows[2].label`, `hours.week[0][1]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultAt {
    pub path: String,
    pub fault: Fault,
}

impl FaultAt {
    #[must_use]
    pub fn new(path: impl Into<String>, fault: Fault) -> Self {
        Self { path: path.into(), fault }
    }
}
