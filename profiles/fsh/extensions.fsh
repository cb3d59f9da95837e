// What R4 has no element for. Each is one fact of a MISSION record; the element ids are those of docs/mission-elements.

Extension: MissionRecordedOn
Id: mission-recorded-on
Title: "Recorded on"
Description: "Day on which the programme wrote the client's record (E001)."
Context: Patient
* insert Simple(date)

Extension: MissionAddressVerified
Id: mission-address-verified
Title: "Address verified on"
Description: "Day on which the address was last verified, which is evidence when a client is lost to care (E002, E125)."
Context: Address
* insert Simple(date)

Extension: MissionCmModel
Id: mission-cm-model
Title: "Case management model"
Description: "Broker, strengths-based, assertive community treatment or clinical-rehabilitation (E116)."
Context: EpisodeOfCare
* insert Simple(CodeableConcept)
* valueCodeableConcept from https://mission-gateway.example/fhir/ValueSet/mission-cm-model (required)

Extension: MissionProgramLength
Id: mission-program-length
Title: "Length of the programme"
Description: "2, 6 or 12 months (E018, E040). Thirteen weekly Dual Recovery Therapy sessions do not fit into the shortest."
Context: EpisodeOfCare
* insert Simple(CodeableConcept)
* valueCodeableConcept from https://mission-gateway.example/fhir/ValueSet/mission-program-length (required)

Extension: MissionRyanWhite
Id: mission-ryan-white
Title: "Ryan White client"
Description: "The episode is under the Ryan White contract, so it is finished only after documented re-engagement (E126)."
Context: EpisodeOfCare
* insert Simple(boolean)

Extension: MissionEndReason
Id: mission-end-reason
Title: "Reason of the end"
Description: "Why participation ended, in the team's words (E062)."
Context: EpisodeOfCare
* insert Simple(string)

Extension: MissionAccomplishments
Id: mission-accomplishments
Title: "Accomplishments"
Description: "What the client has accomplished by the end of participation (E062)."
Context: EpisodeOfCare
* insert Simple(string)

Extension: MissionCtiPhase
Id: mission-cti-phase
Title: "Phase of Critical Time Intervention"
Description: "One phase with its period; all phases together are the history. The one without an end is the present one (E049, E050, E051)."
Context: EpisodeOfCare, CarePlan
* extension contains phase 1..1 MS and period 1..1 MS
* extension[phase].value[x] 1..
* extension[phase].value[x] only CodeableConcept
* extension[phase].valueCodeableConcept from https://mission-gateway.example/fhir/ValueSet/mission-cti-phase (required)
* extension[period].value[x] 1..
* extension[period].value[x] only Period
* extension[period].valuePeriod.start 1..
* value[x] 0..0

Extension: MissionFrequency
Id: mission-frequency
Title: "Frequency of service delivery"
Description: "Weekly, every two weeks or monthly, as agreed for the plan as a whole (E019, E039, E057)."
Context: CarePlan
* insert Simple(Timing)

Extension: MissionServiceLocation
Id: mission-service-location
Title: "Where the plan is carried out"
Description: "Location of the intervention in the team's words (E019)."
Context: CarePlan
* insert Simple(string)

Extension: MissionAgreedOn
Id: mission-agreed-on
Title: "Agreed with the client on"
Description: "Day on which client and case manager agreed on the plan (E045)."
Context: CarePlan
* insert Simple(date)

Extension: MissionReviewedOn
Id: mission-reviewed-on
Title: "Reviewed on"
Description: "Day of the last review of the plan in a team meeting (E046)."
Context: CarePlan
* insert Simple(date)

Extension: MissionEnrolmentReference
Id: mission-enrolment-reference
Title: "Enrolment"
Description: "The stay in the programme that this belongs to, where R4 has no such element."
Context: CarePlan, QuestionnaireResponse, Observation, Procedure, Communication, DocumentReference, Appointment, MeasureReport, Flag, Task, ServiceRequest
* insert Simple(Reference)
* valueReference only Reference(EpisodeOfCare)

Extension: MissionDiagnosisRank
Id: mission-diagnosis-rank
Title: "Rank of the diagnosis"
Description: "Primary, secondary or other, as the treatment plan writes it (E035, E036)."
Context: Condition
* insert Simple(code)
* valueCode from https://mission-gateway.example/fhir/ValueSet/mission-diagnosis-rank (required)

Extension: MissionGoalVerbatim
Id: mission-goal-verbatim
Title: "In the person's own words"
Description: "The goal exactly as the client said it (E042)."
Context: Goal
* insert Simple(string)

Extension: MissionObjectiveOf
Id: mission-objective-of
Title: "Objective of"
Description: "The goal that this objective is a step towards (E043)."
Context: Goal
* insert Simple(Reference)
* valueReference only Reference(Goal)

Extension: MissionPertainsToObjective
Id: mission-pertains-to-objective
Title: "Pertains to objective"
Description: "The objective that a service serves, beside the goal (E044)."
Context: ServiceRequest, Procedure
* insert Simple(Reference)
* valueReference only Reference(Goal)

Extension: MissionSignedOn
Id: mission-signed-on
Title: "Signed on"
Description: "Day on which the client signed the document (E014)."
Context: DocumentReference
* insert Simple(date)

Extension: MissionWeekday
Id: mission-weekday
Title: "Weekday"
Description: "Weekday of the next appointment when no date is given (E047)."
Context: Appointment
* insert Simple(code)
* valueCode from http://hl7.org/fhir/ValueSet/days-of-week (required)

Extension: MissionTimeOfDay
Id: mission-time-of-day
Title: "Time of day"
Description: "Time of the next appointment as it was written (E047)."
Context: Appointment
* insert Simple(string)

Extension: MissionAppointmentProvider
Id: mission-appointment-provider
Title: "Provider of the appointment"
Description: "With whom the appointment is, as it was written (E047)."
Context: Appointment
* insert Simple(string)

Extension: MissionAppointmentLocation
Id: mission-appointment-location
Title: "Location of the appointment"
Description: "Where the appointment is, as it was written (E047)."
Context: Appointment
* insert Simple(string)

Extension: MissionSessionFormat
Id: mission-session-format
Title: "Format of the session"
Description: "Individual or group (E065)."
Context: Encounter
* insert Simple(code)
* valueCode from https://mission-gateway.example/fhir/ValueSet/mission-session-format (required)

Extension: MissionGroupSize
Id: mission-group-size
Title: "Size of the group"
Description: "How many took part in a group session. No other member is ever named in a client's record (E065)."
Context: Encounter
* insert Simple(integer)

Extension: MissionRequestedBy
Id: mission-requested-by
Title: "Requested by"
Description: "The member of the team who made a referral that the programme stands for (E108)."
Context: ServiceRequest
* insert Simple(Reference)
* valueReference only Reference(Practitioner or PractitionerRole)

Extension: MissionConsentReference
Id: mission-consent-reference
Title: "Consent relied on"
Description: "The consent under which the referral may be sent (E015, E108)."
Context: ServiceRequest, Task
* insert Simple(Reference)
* valueReference only Reference(Consent)
