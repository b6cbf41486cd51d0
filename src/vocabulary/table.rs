//! Plain tables: tab separated, `#` comments, a header row that names the columns.

/// A table of `index-schema/`, compiled in.
pub struct Table {
    name: &'static str,
    columns: Vec<&'static str>,
    /// Row after row, as many cells each as there are columns.
    cells: Vec<&'static str>,
}

/// One row of a [`Table`]; cells are read by column name.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    cells: &'t [&'static str],
}

impl Table {
    /// Reads the text of a table.
    ///
    /// # Panics
    /// On a row with more cells than the header: the tables are compiled in, and a test reads all.
    #[must_use]
    pub fn read(name: &'static str, text: &'static str) -> Table {
        let mut lines = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let columns: Vec<_> = lines.next().unwrap_or("").split('\t').collect();
        let mut cells = Vec::with_capacity(columns.len() * text.len() / 32);
        for line in lines {
            let end = cells.len() + columns.len();
            let mut from = 0;
            for tab in memchr::memchr_iter(b'\t', line.as_bytes()) {
                cells.push(&line[from..tab]);
                from = tab + 1;
            }
            cells.push(&line[from..]);
            assert!(cells.len() <= end, "{name}: too many cells: {line}");
            cells.resize(end, "");
        }
        Table {
            name,
            columns,
            cells,
        }
    }

    /// The rows, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let rows = self.cells.chunks_exact(self.columns.len());
        rows.map(|cells| Row { table: self, cells })
    }
}

impl<'t> Row<'t> {
    /// The cell under a column.
    ///
    /// # Panics
    /// If the table has no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> &'static str {
        let at = self.table.columns.iter().position(|c| *c == column);
        let at = at.unwrap_or_else(|| panic!("{}: no column {column}", self.table.name));
        self.cells[at]
    }

    /// A cell that lists values separated by `|`.
    pub fn list(&self, column: &str) -> impl Iterator<Item = &'static str> {
        self.get(column)
            .split('|')
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cells_by_column_and_pads_short_rows() {
        let table = Table::read("t", "# why\nname\tkind\tnote\nnorco\tbrand\n");
        let rows: Vec<_> = table.rows().collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].get("kind"), "brand");
        assert_eq!(rows[0].get("note"), "");
    }
}
