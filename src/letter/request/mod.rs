//! What a request asks for: drugs with their doses, kind of treatment, parts of the body, visits,
//! codes. All from the text of the item's heading alone (docs/json.md).

mod codes;
mod count;
mod dose;
mod drugs;
mod service;
mod side;
mod unlisted;
mod visits;

pub use drugs::Drug;
pub use side::Laterality;

use crate::vocabulary::{BodyParts, Fold};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestedTreatment {
    /// By generic name, ascending, each once.
    pub drugs: Vec<Drug>,
    /// What is asked for: first what the request is about, then what it lists beside that.
    pub services: Vec<&'static str>,
    /// The category of the first service.
    pub treatment: &'static str,
    /// Sorted, each once.
    pub body_parts: Vec<&'static str>,
    /// Of the part that the request names.
    pub laterality: Option<Laterality>,
    /// Visits or sessions; of "12-18 sessions" the larger number.
    pub visits: Option<u32>,
    /// CPT and HCPCS codes, in the order printed.
    pub codes: Vec<String>,
}

/// How much of a request is read; the longest real ones are a few hundred bytes.
const LONGEST: usize = 4000;

/// Reads a request.
#[must_use]
pub(super) fn read(request: &str) -> RequestedTreatment {
    let request = &request[..crate::letter::sections::floor_char(request, LONGEST)];
    let fold = Fold::new(request);
    let (named, mut drugs) = drugs::read(request, &fold);
    let parts = BodyParts::get().named_in(&fold);
    let asked = |drugs: &[Drug]| {
        service::read(&service::ServiceContext {
            request,
            fold: &fold,
            named: &named,
            drugs,
            parts: &parts,
        })
    };
    let mut services = asked(&drugs);
    if matches!(services[0].treatment, "diagnostic-test" | "imaging") {
        // A drug that a test looks for is not requested.
        drugs.clear();
    } else if drugs.is_empty() && matches!(services[0].treatment, "pharmacy" | "other") {
        drugs.extend(unlisted::read(request));
        if services[0].name == "other" && !drugs.is_empty() {
            services = asked(&drugs);
        }
    }
    if services[0].treatment == "injection" {
        // The service says that it is injected; the drug's form is no news.
        for drug in &mut drugs {
            drug.form = drug.form.take().filter(|form| form != "injection");
        }
    }
    RequestedTreatment {
        laterality: side::read(&fold.text),
        visits: visits::read(request, services[0].treatment),
        codes: codes::read(request),
        body_parts: parts,
        treatment: services[0].treatment,
        services: services.iter().map(|service| service.name).collect(),
        drugs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::UNLISTED;

    fn names(request: &str) -> Vec<String> {
        read(request).drugs.into_iter().map(|d| d.name).collect()
    }

    #[test]
    fn brands_combinations_and_compounds() {
        assert_eq!(names("Norco 10/325mg #60"), ["acetaminophen/hydrocodone"]);
        assert_eq!(
            names("Hydrocodone-APAP 10/325"),
            ["acetaminophen/hydrocodone"]
        );
        assert_eq!(
            names("Hydrocodone 10/325mg #60"),
            ["acetaminophen/hydrocodone"]
        );
        assert_eq!(names("Ultram (tramadol) 50mg #90"), ["tramadol"]);
        assert_eq!(
            names("Hydrocodne/APAP 10/325 mg"),
            ["acetaminophen/hydrocodone"]
        );
        assert_eq!(
            names("Terocin patches (lidocaine 4%/menthol 4%) #30"),
            ["lidocaine/menthol"]
        );
        assert_eq!(
            names("Percocet (oxycodone) 5/325"),
            ["acetaminophen/oxycodone"]
        );
        assert_eq!(
            names("Flurbiprofen 20%/Baclofen 5%/Lidocaine 4% cream 180 gm"),
            ["baclofen", "flurbiprofen", "lidocaine"]
        );
        assert_eq!(
            names("Urine drug screen for hydrocodone"),
            Vec::<String>::new()
        );
        assert_eq!(names("NSAIDs, unspecified"), Vec::<String>::new());
    }

    #[test]
    fn strength_form_quantity_refills() {
        let drug = &read("120 tablets of Norco 10/325 mg with 2 refills").drugs[0];
        assert_eq!(drug.strength.as_deref(), Some("10/325 mg"));
        assert_eq!(drug.form.as_deref(), Some("tablet"));
        assert_eq!((drug.quantity, drug.refills), (Some(120), Some(2)));
        let drug =
            &read("Pantoprazole 40mg, one by mouth, twice a day #60 with one refill").drugs[0];
        assert_eq!((drug.quantity, drug.refills), (Some(60), Some(1)));
        for (request, strength, quantity) in [
            (
                "Norco 10/325mg, take 1 tablet by mouth every 6 hours, #120",
                Some("10/325mg"),
                Some(120),
            ),
            (
                "Norco 10-325mg, 1 tab q 6h prn, #90",
                Some("10-325mg"),
                Some(90),
            ),
            (
                "60 tablets of Soma 350mg, 1 tablet twice a day",
                Some("350mg"),
                Some(60),
            ),
            ("Menthoderm gel 120 gm", None, None),
            ("Lidocaine 5% ointment 50 grams", Some("5%"), None),
            ("Sucralfate 1 gm #60", Some("1 gm"), Some(60)),
        ] {
            let drug = &read(request).drugs[0];
            assert_eq!(drug.strength.as_deref(), strength, "{request}");
            assert_eq!(drug.quantity, quantity, "{request}");
        }
    }

    #[test]
    fn a_medication_in_no_table_keeps_its_printed_name() {
        let drug = &read("Zyxoprene 50 mg #30").drugs[0];
        assert_eq!(
            (drug.name.as_str(), drug.class.as_str()),
            ("zyxoprene", UNLISTED)
        );
        assert!(read("Compound cream 20% 120 gm").drugs.is_empty());
        // A slip of the pen is no new medication.
        assert_eq!(names("Cyclobenzaprene 7.5 mg #60"), ["cyclobenzaprine"]);
    }

    #[test]
    fn visits() {
        for (request, visits) in [
            (
                "Eight (8) additional physical therapy visits, left knee",
                Some(8),
            ),
            ("Physical therapy 2 times a week for 6 weeks", Some(12)),
            (
                "Physical therapy 2 times a week for 6 weeks (12 sessions)",
                Some(12),
            ),
            (
                "Twelve physical therapy sessions, three times weekly, for the right elbow",
                Some(12),
            ),
            (
                "Physical therapy additional 3 visits per week for 2 weeks",
                Some(6),
            ),
            (
                "Additional physical therapy two times four visits (8) for the lumbar",
                Some(8),
            ),
            ("Post-op physical therapy 12-18 sessions", Some(18)),
            ("Acupuncture 2x6", Some(12)),
            ("Chiropractic spinal manipulation times 6", Some(6)),
            ("MRI of the knee times 1", None),
            (
                "Two sessions of physical therapy and eight sessions of physical therapy",
                Some(10),
            ),
            ("Home health aide 4 hours a day x 2 weeks", None),
            ("Physical therapy x 8 for the left knee", Some(8)),
        ] {
            assert_eq!(read(request).visits, visits, "{request}");
        }
    }

    #[test]
    fn sides_and_codes() {
        assert_eq!(
            read("MRI of the left knee").laterality,
            Some(Laterality::Left)
        );
        assert_eq!(
            read("EMG of the bilateral legs").laterality,
            Some(Laterality::Bilateral)
        );
        assert_eq!(
            read("Lumbar MRI (CPT 72148) and brace L0637").codes,
            ["72148", "L0637"]
        );
        assert_eq!(read("Therapeutic exercises, 97110 x 12").codes, ["97110"]);
        assert!(read("Vitamin D 50000 units #4").codes.is_empty());
    }
}
