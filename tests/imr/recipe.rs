//! docs/adding-a-facet.md says which files a new facet touches. These tests hold it to that.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The files of `src` that the recipe names.
fn recipe() -> BTreeSet<String> {
    let page = fs::read_to_string("docs/adding-a-facet.md").unwrap();
    let steps = page.split("1. **").nth(1).expect("the steps are numbered");
    let steps = steps.split("A facet of several levels").next().unwrap();
    let quoted = steps.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| name.starts_with("src/") && name.ends_with(".rs"))
        .map(str::to_string)
        .collect()
}

/// The files of `src` whose code, tests aside, names a field.
fn naming(field: &str, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            naming(field, &path, found);
            continue;
        }
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        if code.to_lowercase().contains(field) {
            found.insert(path.to_string_lossy().replace('\\', "/"));
        }
    }
}

#[test]
fn a_facet_stands_in_the_files_that_the_recipe_names_and_in_the_one_that_reads_it() {
    let recipe = recipe();
    let field = "priority";
    let mut named = BTreeSet::new();
    naming(field, Path::new("src"), &mut named);
    let (named, readers): (Vec<String>, Vec<String>) = named
        .into_iter()
        .partition(|file| recipe.contains(file) || !file.starts_with("src/letter/"));
    assert!(!readers.is_empty());
    let beyond: Vec<&String> = named.iter().filter(|f| !recipe.contains(*f)).collect();
    assert!(
        beyond.is_empty(),
        "'{field}' also stands in {beyond:#?}; the recipe names {recipe:#?}"
    );
    // One more file reads it, and one has the number of the index's format.
    assert!(named.len() + 2 <= 6, "{named:#?}");
}

#[test]
fn every_file_of_the_recipe_exists() {
    let recipe = recipe();
    assert!(recipe.len() >= 5, "{recipe:?}");
    for file in recipe {
        assert!(Path::new(&file).exists(), "{file}");
    }
}
