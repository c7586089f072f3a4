//! Macros that declare a type once: its fields for the reader and, by schemars, for the JSON Schema.

/// Declares a record: a struct, its reader, and its part of the JSON Schema.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub(crate) struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* }
    ) => {
        #[derive(Debug, Clone, schemars::JsonSchema)]
        $(#[$meta])*
        #[schemars(rename_all = "camelCase", deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $ty,)*
        }

        impl $crate::read::Read for $name {
            fn read(
                node: &$crate::tree::Node,
                reader: &mut $crate::read::Reader<'_>,
            ) -> Option<Self> {
                let known = [$($crate::read::camel_case(stringify!($field))),*];
                let fields = $crate::read::Fields::of(node, stringify!($name), &known, reader)?;
                <Self as $crate::read::Checks>::check_fields(node, reader);
                $(let $field = fields.take(&$crate::read::camel_case(stringify!($field)), reader);)*
                let record = Self { $($field: $field?,)* };
                $crate::read::Checks::check(&record, node, reader);
                Some(record)
            }
        }
    };
}

/// Declares a choice of words: an enumeration, its reader, and its part of the JSON Schema.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub(crate) enum $name:ident { $($(#[$word_meta:meta])* $variant:ident = $word:literal,)* }
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
        $(#[$meta])*
        pub(crate) enum $name {
            $($(#[$word_meta])* #[schemars(rename = $word)] $variant,)*
        }

        impl $name {
            /// The word that specs write, which is that of the DMS API.
            #[allow(dead_code, reason = "not every choice is written out again")]
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl $crate::read::Read for $name {
            fn read(
                node: &$crate::tree::Node,
                reader: &mut $crate::read::Reader<'_>,
            ) -> Option<Self> {
                let word = <String as $crate::read::Read>::read(node, reader)?;
                match word.as_str() {
                    $($word => Some(Self::$variant),)*
                    _ => {
                        $crate::read::unknown_word(&word, &[$($word),*], node, reader);
                        None
                    }
                }
            }
        }
    };
}

/// Declares a record twice: as a part of a pipeline, and as the `spec` of a document of its own, which
/// has a few more fields.
macro_rules! shared {
    (
        $(#[$inline_meta:meta])* inline $inline:ident;
        $(#[$document_meta:meta])* document $document:ident { $($extra:tt)* }
        fields { $($(#[$meta:meta])* $field:ident: $ty:ty,)* }
    ) => {
        $crate::read::record! {
            $(#[$inline_meta])*
            pub(crate) struct $inline { $($(#[$meta])* $field: $ty,)* }
        }
        $crate::read::record! {
            $(#[$document_meta])*
            pub(crate) struct $document { $($extra)* $($(#[$meta])* $field: $ty,)* }
        }
        impl $document {
            /// The same as a part of a pipeline.
            pub(crate) fn inline(&self) -> $inline {
                $inline { $($field: self.$field.clone(),)* }
            }
        }
    };
}

pub(crate) use {choice, record, shared};
