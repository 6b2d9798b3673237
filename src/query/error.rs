//! Faults in arguments.

use std::fmt;

/// One fault in the arguments of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgError {
    /// A readable code: `unknown_field`, `unknown_argument`, `wrong_type`, `missing_field`, `empty_where`, ...
    pub code: &'static str,
    /// The path inside the arguments, such as `where.createdAt.gt` or `data.posts.create[2].title`; empty for the arguments as a whole.
    pub path: String,
    /// What is wrong: what was given and what was expected. Names the path itself where a reader needs it.
    pub message: String,
    /// The way out, such as ``did you mean `title`?`` or the list of valid names.
    pub help: Option<String>,
}

/// Every fault in the arguments of an operation; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgErrors(pub Vec<ArgError>);

impl fmt::Display for ArgErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&error.message)?;
            if let Some(help) = &error.help {
                write!(f, "\n  = help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ArgErrors {}
