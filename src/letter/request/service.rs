//! Which service a request asks for.

use super::drugs::Drug;
use crate::letter::any_case::AnyCase;
use crate::letter::pattern::pattern;
use crate::vocabulary::{
    Drugs, Fold, General, Meaning, NAMES_A_SERVICE, NamedDrug, Route, Service, ServicePhrase,
    Services,
};
use regex::Regex;
use std::sync::LazyLock;

/// The rank at which a named drug speaks for pharmacy, between the named services and the general
/// words ("unit", "visit", "surgery").
const DRUG_RANK: f32 = 5.5;

/// The rank of a drug that stands for a service by itself ("Synvisc", "Botox").
const DRUG_SERVICE_RANK: f32 = 8.0;

/// Below this rank the best of a request's phrases is a word like "visits" or "unit".
const HINTS_ONLY: f32 = 5.0;

/// What is known of a request when its service is decided.
pub(super) struct ServiceContext<'r> {
    /// The request as printed.
    pub request: &'r str,
    /// The same, folded.
    pub fold: &'r Fold,
    /// The drugs that it names, as printed.
    pub named: &'r [NamedDrug],
    /// The drugs requested.
    pub drugs: &'r [Drug],
    /// The parts of the body that it names.
    pub parts: &'r [&'static str],
}

/// The services of a request: the one that it is about first, then those that it lists beside it.
/// A request that says nothing of any is "other".
pub(super) fn read(asked: &ServiceContext) -> Vec<&'static Service> {
    let table = Services::get();
    let phrases = table.phrases_in(asked.fold);
    let best_phrase = best(asked, &phrases);
    if best_phrase
        .as_ref()
        .is_none_or(|best| best.rank < HINTS_ONLY)
        && let Some(fold) = table.respelled(asked.fold)
    {
        // Nothing is known of it as it is spelled: another spelling may name a service.
        let respelled = ServiceContext {
            fold: &fold,
            ..*asked
        };
        let named = |phrase: &ServicePhrase| phrase.rank >= NAMES_A_SERVICE;
        if table.phrases_in(&fold).iter().any(named) {
            return read(&respelled);
        }
    }
    let Some(first) = best_phrase else {
        return vec![other()];
    };
    let first = listed_before(asked, &phrases, &first).unwrap_or(first);
    let mut services = vec![decided(asked, &phrases, &first)];
    further(asked, &phrases, &first, &mut services);
    services
}

fn other() -> &'static Service {
    let all = Services::get().all();
    &all[all.len() - 1]
}

/// The phrase with the highest rank, the earliest among equals; a drug is one of them.
fn best(asked: &ServiceContext, phrases: &[ServicePhrase]) -> Option<ServicePhrase> {
    let mut best = drug_phrase(asked);
    for phrase in phrases {
        if best.as_ref().is_none_or(|best| phrase.rank > best.rank) {
            best = Some(phrase.clone());
        }
    }
    best
}

/// In a list of equals ("PT 2x6 and a TENS unit") the first is what the request is about, whatever
/// the ranks.
fn listed_before(
    asked: &ServiceContext,
    phrases: &[ServicePhrase],
    best: &ServicePhrase,
) -> Option<ServicePhrase> {
    let first = phrases
        .iter()
        .find(|phrase| phrase.rank >= NAMES_A_SERVICE)?;
    let text = &asked.fold.text;
    let between = text.get(first.at.end..best.at.start)?;
    let is_list = joins(between) && !between.contains(':');
    let includes = between.contains("includ");
    let serves = words(&text[..first.at.start]).any(|word| matches!(word, "for" | "of"));
    let service = decided(asked, phrases, first);
    let leads = is_list && !includes || accompanies(between) && takes_along(service);
    (leads && !serves && service.treatment != "pharmacy").then(|| first.clone())
}

/// Whether a service that is named first with another is what a request is about: an operation, a therapy.
fn takes_along(service: &Service) -> bool {
    matches!(service.treatment, "surgery" | "rehabilitation")
}

/// Whether the words between a service and another say that it comes with the other ("TLIF L5-S1 with
/// a 2 day inpatient stay").
fn accompanies(between: &str) -> bool {
    let mut after = words(between).skip_while(|word| !matches!(*word, "with" | "w"));
    after.next().is_some() && !after.any(|word| matches!(word, "for" | "under" | "using" | "by"))
}

/// What the drugs of a request say of its service.
fn drug_phrase(asked: &ServiceContext) -> Option<ServicePhrase> {
    let first = asked.drugs.first()?;
    let at = asked.named.first().map_or(0..0, |named| named.at.clone());
    let by_itself = asked.drugs.iter().find_map(|drug| {
        let service = Drugs::get().class_service(&drug.class)?;
        (service.treatment != "pharmacy").then_some(service)
    });
    Some(match by_itself {
        Some(service) => ServicePhrase {
            meaning: Meaning::Service(service),
            rank: DRUG_SERVICE_RANK,
            at,
        },
        None => ServicePhrase {
            meaning: Meaning::Service(
                Drugs::get()
                    .class_service(&first.class)
                    .or_else(|| Services::get().named("medication"))?,
            ),
            rank: DRUG_RANK,
            at,
        },
    })
}

/// The service that a phrase stands for in this request.
fn decided(
    asked: &ServiceContext,
    phrases: &[ServicePhrase],
    phrase: &ServicePhrase,
) -> &'static Service {
    let table = Services::get();
    let service = match phrase.meaning {
        Meaning::Service(service) => service,
        Meaning::General(general) => {
            let service = table.decide(general, asked.fold, asked.parts, counts_sessions(asked));
            if general == General::INJECTION && service.name == "other injection" {
                injected_drug(asked).unwrap_or(service)
            } else {
                service
            }
        }
    };
    if service.treatment == "pharmacy" {
        pharmacy(asked, phrases, service)
    } else {
        service
    }
}

/// "Ketorolac injection": a drug that is injected for its own sake, not a steroid or an anesthetic
/// that is put somewhere.
fn injected_drug(asked: &ServiceContext) -> Option<&'static Service> {
    let for_its_own = |drug: &Drug| {
        !matches!(
            drug.class.as_str(),
            "corticosteroid" | "local anesthetic" | "neurolytic agent"
        )
    };
    let all = !asked.drugs.is_empty() && asked.drugs.iter().all(for_its_own);
    all.then(|| Services::get().named("injected medication"))
        .flatten()
}

/// Which of the services of pharmacy a request asks for: what is compounded first, then what is put
/// on the skin, eaten, injected.
fn pharmacy(
    asked: &ServiceContext,
    phrases: &[ServicePhrase],
    decided: &'static Service,
) -> &'static Service {
    let named = |name: &str| Services::get().named(name).unwrap_or(decided);
    let says = |name: &str| {
        phrases
            .iter()
            .any(|p| matches!(p.meaning, Meaning::Service(s) if s.name == name))
    };
    if says("compounded medication") || mixed(asked) {
        return named("compounded medication");
    }
    if asked.drugs.is_empty() {
        return decided;
    }
    let routes = |route: Route| asked.named.iter().any(|n| n.route == Some(route));
    // "Diclofenac 1.5% solution": what is swallowed has no percentage.
    let percent = asked.request.contains('%')
        && asked
            .drugs
            .iter()
            .any(|drug| Drugs::get().is_for_skin_by_percentage(&drug.class));
    let skin = says("topical medication") || routes(Route::Topical) || percent;
    let classes = || asked.drugs.iter().map(|drug| drug.class.as_str());
    let all_of = |name: &str| {
        classes().all(|class| {
            Drugs::get()
                .class_service(class)
                .is_some_and(|service| service.name == name)
        })
    };
    if skin && !classes().all(|class| Drugs::get().acts_systemically(class)) {
        return named("topical medication");
    }
    if routes(Route::Injected) || says("injected medication") || is_injected(asked) {
        return named("injected medication");
    }
    for name in [
        "vaccine",
        "medical food or supplement",
        "topical medication",
    ] {
        if all_of(name) {
            return named(name);
        }
    }
    named("medication")
}

/// Whether actives are mixed for the skin: several with their percentages, or one that is sold in
/// that way by no manufacturer ("Gabapentin 6% cream").
fn mixed(asked: &ServiceContext) -> bool {
    const PERCENT: AnyCase = AnyCase::new("percent");
    if !asked.request.contains('%') && !PERCENT.is_in(asked.request) {
        return false;
    }
    let branded = asked.named.iter().any(|n| n.route == Some(Route::Topical));
    let only_compounded =
        |drug: &Drug| Drugs::get().is_compounded_for_skin(&drug.class, &drug.name);
    !branded && (asked.drugs.len() > 1 || asked.drugs.iter().any(only_compounded))
}

/// Whether a request says that its drug is injected.
fn is_injected(asked: &ServiceContext) -> bool {
    static INJECTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:im|iv|i\.m\.|i\.v\.|subq|sq|sub-?cutaneous(?:ly)?|intramuscular(?:ly)?|intravenous(?:ly)?|inject(?:ion|ions|able|ed)?|inj|syringes?|vials?|ampules?|autoinjectors?|pens?)\b",
        )
    });
    INJECTED.is_match(asked.request)
}

/// Whether a request counts sessions: "2 times a week", "6 visits", "x 12".
fn counts_sessions(asked: &ServiceContext) -> bool {
    static SESSIONS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)\b(?:sessions?|visits?|treatments?|weekly|therapy)\b | \b(?:per|a|each)\s+week\b | \btimes\s+\d | \b\d+\s*x\s*\d | \bx\s*\d{1,2}\b",
        )
    });
    SESSIONS.is_match(asked.request)
}

/// Adds the services that a request lists beside its first ("MRI of the knee and physical
/// therapy"): named by themselves, joined as equals. What one of them is done with or for is no
/// service of its own.
fn further(
    asked: &ServiceContext,
    phrases: &[ServicePhrase],
    first: &ServicePhrase,
    services: &mut Vec<&'static Service>,
) {
    const MOST: usize = 6;
    let main = services[0];
    if main.treatment == "pharmacy" {
        return;
    }
    let mut end = first.at.end;
    for phrase in phrases {
        let names = phrase.rank >= NAMES_A_SERVICE && phrase.rank + 2.0 >= first.rank;
        if phrase.at.start < end || !names || services.len() >= MOST {
            continue;
        }
        let between = &asked.fold.text[end..phrase.at.start];
        let slash = || {
            let printed = asked.fold.original(&(end..phrase.at.start));
            asked
                .request
                .get(printed)
                .is_some_and(|printed| printed.contains('/'))
        };
        let comes_along = || takes_along(main) && accompanies(between);
        if !(joins(between) || comes_along() || between == " " && slash()) {
            continue;
        }
        let service = decided(asked, phrases, phrase);
        // Several operations in one place are one; forms of medicine are no service beside others.
        let part_of_it = service.treatment == "surgery" && main.treatment == "surgery";
        end = phrase.at.end;
        if part_of_it
            && !matches!(
                service.name,
                "assistant surgeon" | "facility or inpatient stay"
            )
            || service.treatment == "pharmacy"
            || services.contains(&service)
        {
            continue;
        }
        services.push(service);
    }
}

/// Whether the words between two services make them equals: the last of what parts them is a mark
/// or an "and", and nothing after it says that one serves the other.
fn joins(between: &str) -> bool {
    let mark = between.rfind([',', ';', '+', ':']).map(|at| at + 1);
    let word = [" and ", " plus ", " or ", " include ", " including "]
        .iter()
        .filter_map(|word| Some(between.rfind(word)? + word.len()))
        .max();
    let Some(tail) = mark.max(word) else {
        return false;
    };
    !words(&between[tail..]).any(|word| {
        matches!(
            word,
            "for" | "with" | "under" | "using" | "after" | "following" | "prior" | "before" | "by"
        )
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::read as read_request;

    fn services(request: &str) -> Vec<&'static str> {
        read_request(request).services
    }

    #[test]
    fn the_named_service_decides() {
        for (request, service) in [
            (
                "Spine surgery evaluation for the lumbar",
                "consultation or referral",
            ),
            (
                "Right knee arthroscopy with evaluation of ACL",
                "knee arthroscopy",
            ),
            ("TENS unit", "TENS unit"),
            ("TENS unit electrodes", "supplies"),
            ("Electrical stimulation times 6", "therapeutic modality"),
            (
                "Platelet-rich plasma injection to the right knee",
                "platelet-rich plasma",
            ),
            ("Labs to include: Chest X-ray", "X-ray"),
            ("Wound care nurse, 1-2 visits", "home nursing"),
            ("A thing of no known kind", "other"),
            ("Post-op physical therapy 12 sessions", "physical therapy"),
            ("Follow-up MRI of the lumbar spine", "MRI"),
            ("Follow up in 4 weeks", "office visit"),
            (
                "Pain management consultation for lumbar ESI",
                "consultation or referral",
            ),
            ("Sit-stand workstation", "ergonomic equipment"),
            ("MRI of the sacroiliac joints", "MRI"),
            (
                "Injection of the left sacroiliac joint",
                "sacroiliac joint injection",
            ),
            ("Discogram L4-5", "discogram"),
            ("Housekeeping 4 hours a week", "housekeeping"),
            ("Chyropractic 6 visits", "chiropractic"),
            ("Assistant surgeon for ACDF", "assistant surgeon"),
            (
                "Inpatient stay 3 days for lumbar fusion",
                "facility or inpatient stay",
            ),
        ] {
            assert_eq!(services(request)[0], service, "{request}");
        }
    }

    #[test]
    fn operations_and_therapies_lead_what_comes_with_them() {
        for (request, named) in [
            (
                "TLIF L5-S1 with inpatient stay 2 days",
                &["spinal fusion", "facility or inpatient stay"][..],
            ),
            (
                "ACDF C5-C7 with assistant surgeon",
                &["spinal fusion", "assistant surgeon"],
            ),
            (
                "Physical therapy 12 sessions with a TENS unit",
                &["physical therapy", "TENS unit"],
            ),
            (
                "Right total knee replacement w/ a 2 day inpatient stay and physical therapy",
                &[
                    "joint replacement",
                    "facility or inpatient stay",
                    "physical therapy",
                ],
            ),
        ] {
            assert_eq!(services(request), named, "{request}");
        }
    }

    #[test]
    fn the_body_part_decides_general_words() {
        for (request, service) in [
            (
                "Arthroscopic surgery of the left shoulder",
                "shoulder surgery",
            ),
            ("Arthroscopy, right ankle", "foot or ankle surgery"),
            ("L4-5 fusion", "spinal fusion"),
            ("Fusion of the left ankle", "foot or ankle surgery"),
            ("Cortisone injection, right knee", "joint injection"),
            (
                "Ultrasound 2 times a week for 4 weeks",
                "therapeutic modality",
            ),
            ("Ultrasound of the left shoulder", "ultrasound imaging"),
        ] {
            assert_eq!(services(request)[0], service, "{request}");
        }
    }

    #[test]
    fn services_of_pharmacy() {
        for (request, service) in [
            ("Norco 10/325mg #60", "medication"),
            ("Lidoderm 5% patch #30", "topical medication"),
            ("Fentanyl patch 25mcg/hr #10", "medication"),
            (
                "Terocin patches (lidocaine 4%/menthol 4%) #30",
                "topical medication",
            ),
            (
                "Flurbiprofen 20%/Baclofen 5% cream 180 gm",
                "compounded medication",
            ),
            (
                "Compound cyclobenzaprine 5%, 240 grams",
                "compounded medication",
            ),
            ("Gabapentin 6% cream", "compounded medication"),
            ("Voltaren 1% gel", "topical medication"),
            ("Diclofenac 1.5% solution", "topical medication"),
            ("Theramine #90", "medical food or supplement"),
            ("Toradol 60mg IM", "injected medication"),
            ("Ketorolac injection", "injected medication"),
            ("Metformin extended release 500mg #60", "medication"),
            ("Influenza vaccine", "vaccine"),
            ("Synvisc, left knee", "viscosupplementation"),
        ] {
            assert_eq!(services(request)[0], service, "{request}");
        }
    }

    #[test]
    fn what_is_listed_beside_the_first() {
        assert_eq!(services("MRI/CT of the spine and pelvis"), ["MRI", "CT"]);
        assert_eq!(
            services("Acupuncture and massage therapy, 6 visits each"),
            ["acupuncture", "massage therapy"]
        );
        assert_eq!(
            services("Lumbar facet joint injections L3-4"),
            ["facet injection or medial branch block"]
        );
        assert_eq!(
            services("Lumbar ESI under fluoroscopy with IV sedation"),
            ["epidural steroid injection"]
        );
        assert_eq!(
            services("PT 2x6 for the right shoulder and TENS unit"),
            ["physical therapy", "TENS unit"]
        );
        assert_eq!(
            services("Right knee arthroscopy, assistant surgeon"),
            ["knee arthroscopy", "assistant surgeon"]
        );
        assert_eq!(
            services("MRI of the shoulder before physical therapy"),
            ["MRI"]
        );
    }
}
