// Further facts of service records, referrals and reports.

Extension: MissionAdministrative
Id: mission-administrative
Title: "Administrative"
Description: "The service was administration and not direct service, which the contract limits (E132)."
Context: Procedure
* insert Simple(boolean)

Extension: MissionUnitsDerived
Id: mission-units-derived
Title: "Units derived"
Description: "The sender stated minutes and no units; the units were derived from them by the contract's rule of rounding (E122)."
Context: ChargeItem.quantity
* insert Simple(boolean)

Extension: MissionClientOwned
Id: mission-client-owned
Title: "Owned by the client"
Description: "The client's own paper; it is not shared by default (E048, E078)."
Context: DocumentReference, QuestionnaireResponse
* insert Simple(boolean)

Extension: MissionContactPlace
Id: mission-contact-place
Title: "Place"
Description: "Where a service took place (E123)."
Context: Procedure
* insert Simple(CodeableConcept)
* valueCodeableConcept from https://mission-gateway.example/fhir/ValueSet/mission-contact-place (extensible)

Extension: MissionContract
Id: mission-contract
Title: "Contract"
Description: "The contract under which a service is counted (E122)."
Context: Procedure
* insert Simple(string)

Extension: MissionDirectService
Id: mission-direct-service
Title: "Direct service"
Description: "With the client, and not on the client's behalf (E122)."
Context: Procedure
* insert Simple(boolean)

Extension: MissionEntitlement
Id: mission-entitlement
Title: "Entitlement"
Description: "Housing benefit or other entitlement secured (E092)."
Context: Task, Observation
* insert Simple(string)

Extension: MissionHousingAuthority
Id: mission-housing-authority
Title: "Housing authority"
Description: "The public housing authority or landlord that the search deals with (E093)."
Context: Task
* insert Simple(string)

Extension: MissionInstrument
Id: mission-instrument
Title: "Instrument"
Description: "The instrument of an assessment or worksheet (E022, E023, E024, E028, E030)."
Context: QuestionnaireResponse
* insert Simple(CodeableConcept)

Extension: MissionIsAdvocacy
Id: mission-is-advocacy
Title: "Advocacy"
Description: "The contact was made to advocate for the client (E121)."
Context: Communication
* insert Simple(boolean)

Extension: MissionLivesWithClient
Id: mission-lives-with-client
Title: "Lives with the client"
Description: "A member of the family who would live in the home (E087)."
Context: RelatedPerson
* insert Simple(boolean)

Extension: MissionMentalHealthNote
Id: mission-mental-health-note
Title: "Mental health note"
Description: "The note is about mental health (E119)."
Context: DocumentReference
* insert Simple(boolean)

Extension: MissionMinutes
Id: mission-minutes
Title: "Minutes"
Description: "Minutes of a service, the truth from which units are derived (E122)."
Context: Procedure
* insert Simple(integer)

Extension: MissionMissedAppointment
Id: mission-missed-appointment
Title: "Missed appointment"
Description: "An appointment that the client did not keep, as evidence (E125)."
Context: Observation
* insert Simple(Reference)
* valueReference only Reference(Appointment)

Extension: MissionOutreachEvidence
Id: mission-outreach-evidence
Title: "Attempt to reach the client"
Description: "An attempt to reach the client, as evidence (E126)."
Context: Observation
* insert Simple(Reference)
* valueReference only Reference(Communication)

Extension: MissionNeedsVocationalSpecialist
Id: mission-needs-vocational-specialist
Title: "Needs a vocational specialist"
Description: "The client is to be referred to a vocational specialist (E104)."
Context: Observation
* insert Simple(boolean)

Extension: MissionNewlyDiagnosed
Id: mission-newly-diagnosed
Title: "Newly diagnosed"
Description: "A client referred in who learned of the diagnosis lately (E124)."
Context: ServiceRequest
* insert Simple(boolean)

Extension: MissionNotInCare
Id: mission-not-in-care
Title: "Not in care"
Description: "A client referred in who has no primary medical care (E124)."
Context: ServiceRequest
* insert Simple(boolean)

Extension: MissionReferralSource
Id: mission-referral-source
Title: "Source of the referral"
Description: "Where a referral in came from (E110, E124)."
Context: ServiceRequest
* insert Simple(CodeableConcept)
* valueCodeableConcept from https://mission-gateway.example/fhir/ValueSet/mission-referral-source (extensible)

Extension: MissionReferringPartner
Id: mission-referring-partner
Title: "Referring partner"
Description: "The partner of the gateway that a referral came from (E110)."
Context: ServiceRequest
* insert Simple(Reference)
* valueReference only Reference(Organization)

Extension: MissionReportNote
Id: mission-report-note
Title: "Note on a report"
Description: "What is to be known beside the figures (E137)."
Context: MeasureReport
* insert Simple(string)
