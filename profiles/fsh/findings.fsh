RuleSet: Survey
* insert UsCore(observation-screening-assessment)
* insert Noted
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains survey 1..1 MS
* category[survey] = $OBSCAT#survey
* value[x] MS

RuleSet: SimpleFact
* insert UsCore(simple-observation)
* insert Noted
* category 1.. MS
* value[x] MS

Profile: MissionEligibility
Parent: Observation
Id: mission-eligibility
Title: "Eligibility decision"
Description: "Whether the client meets the criteria of the programme, and why not (E012)."
* insert Survey
* code = https://mission-gateway.example/fhir/CodeSystem/mission-eligibility-item#decision
* value[x] 1..
* value[x] only CodeableConcept
* valueCodeableConcept from https://mission-gateway.example/fhir/ValueSet/mission-eligibility-decision (required)
* note MS
* obeys mission-eligibility-reason

Invariant: mission-eligibility-reason
Description: "A client who is not eligible is told why"
Severity: #error
Expression: "value.coding.where(code = 'not-eligible').exists() implies note.exists()"

Profile: MissionEligibilityCriterion
Parent: Observation
Id: mission-eligibility-criterion
Title: "Eligibility criterion"
Description: "One criterion with its answer, a resource of its own so that the housing one can leave without the clinical ones (E006, E007, E009, E010, E011, E013, E133)."
* insert Survey
* component MS
* obeys mission-criterion-answered

Invariant: mission-criterion-answered
Description: "A criterion has an answer, several, or says why not"
Severity: #error
Expression: "value.exists() or component.exists() or dataAbsentReason.exists()"

Profile: MissionClientCharacteristic
Parent: Observation
Id: mission-client-characteristic
Title: "Characteristic of the client"
Description: "Veteran status, recent release, sexual orientation: each apart, because each goes to others (E004, E005, E007, E086, E106)."
* insert SimpleFact
* value[x] 1..

Profile: MissionAssessment
Parent: QuestionnaireResponse
Id: mission-assessment
Title: "Assessment"
Description: "Answers to a standard instrument: PRAPARE, PHQ-9, GAD-7, AUDIT-C, DAST-10, PC-PTSD-5 and others (E022, E023, E024, E030)."
* insert UsCore(questionnaireresponse)
* identifier 1.. MS
* questionnaire 1.. MS
* status MS
* insert AboutClient
* authored 1.. MS
* author MS
* item MS
* extension contains MissionEnrolmentReference named enrolment 0..1

Profile: MissionAssessmentResult
Parent: Observation
Id: mission-assessment-result
Title: "Result of an assessment"
Description: "A score or an answer of an instrument as an Observation, derived from the answers (E022, E023, E024, E025, E026, E027, E028)."
* insert Survey
* derivedFrom MS

Profile: MissionTraumaScreen
Parent: QuestionnaireResponse
Id: mission-trauma-screen
Title: "Trauma screen"
Description: "PC-PTSD-5, offered to every client (E030)."
* insert UsCore(questionnaireresponse)
* identifier 1.. MS
* questionnaire 1.. MS
* status MS
* insert AboutClient
* authored 1.. MS
* author MS
* item 1.. MS
* item.linkId MS
* extension contains MissionEnrolmentReference named enrolment 0..1

Profile: MissionTraumaScreenScore
Parent: Observation
Id: mission-trauma-screen-score
Title: "Score of the trauma screen"
Description: "PC-PTSD-5 score, 0 to 5 (E030)."
* insert Survey
* code = $LNC#102017-1
* value[x] only integer or Quantity
* derivedFrom MS

Profile: MissionTraumaReferral
Parent: MissionReferral
Id: mission-trauma-referral
Title: "Referral for trauma assessment"
Description: "Referral to a qualified assessor after a positive screen (E031, E032)."
* code from https://mission-gateway.example/fhir/ValueSet/mission-trauma-referral (required)

Profile: MissionDrtStatusExam
Parent: QuestionnaireResponse
Id: mission-drt-status-exam
Title: "Status exam of a Dual Recovery Therapy session"
Description: "Eight items at the beginning of each session: agenda, substances, motivation, symptoms, medication, topics, twelve-step attendance, notes (E069 to E076). Scales keep their own minimum and maximum."
* insert UsCore(questionnaireresponse)
* identifier 1.. MS
* questionnaire 1.. MS
* questionnaire = "https://mission-gateway.example/fhir/Questionnaire/mission-drt-status-exam"
* status MS
* insert AboutClient
* authored 1.. MS
* author MS
* encounter MS
* item MS
* extension contains MissionEnrolmentReference named enrolment 0..1

Profile: MissionDrtStatusFinding
Parent: Observation
Id: mission-drt-status-finding
Title: "Finding of a status exam"
Description: "One answer of a status exam as an Observation, so that each can be withheld alone (E070, E071, E072, E073, E075)."
* insert Survey
* code from https://mission-gateway.example/fhir/ValueSet/mission-drt-status-item (extensible)
* derivedFrom MS

Profile: MissionWorksheet
Parent: QuestionnaireResponse
Id: mission-worksheet
Title: "Worksheet"
Description: "What the client wrote in the workbook; the client's own, and not shared by default (E048, E077, E078)."
* insert UsCore(questionnaireresponse)
* identifier 1.. MS
* questionnaire 1.. MS
* status MS
* insert AboutClient
* authored 1.. MS
* source MS
* item MS
* extension contains MissionEnrolmentReference named enrolment 0..1

Profile: MissionRelapse
Parent: Observation
Id: mission-relapse
Title: "Slip or relapse"
Description: "Use of substances since the last contact: met with support and never with punishment. It never goes to housing or court (E056)."
* insert Noted
* category MS
* code = https://mission-gateway.example/fhir/CodeSystem/mission-observation#relapse
* value[x] MS
* note MS

Profile: MissionLostToCare
Parent: Observation
Id: mission-lost-to-care
Title: "Lost to care"
Description: "A client who has not come back and cannot be reached, with the attempts that show it (E125, E126)."
* insert Noted
* code = https://mission-gateway.example/fhir/CodeSystem/mission-observation#lost-to-care
* value[x] 1.. MS
* value[x] only CodeableConcept or boolean
* derivedFrom MS
* note MS

Profile: MissionLostToCareFlag
Parent: Flag
Id: mission-lost-to-care-flag
Title: "Flag of a client lost to care"
Description: "Shows the team that a client is to be looked for (E125)."
* insert Sourced
* insert AboutClient
* status MS
* code MS
* period 1.. MS

Profile: MissionLinkage
Parent: Observation
Id: mission-linkage
Title: "Community linkage"
Description: "Whether a linkage was made, is used, or has a gap, phase by phase (E053, E054, E055)."
* insert Noted
* category MS
* code = https://mission-gateway.example/fhir/CodeSystem/mission-observation#linkage
* value[x] 1.. MS
* value[x] only CodeableConcept
* focus MS

Profile: MissionVocationalTracking
Parent: Observation
Id: mission-vocational-tracking
Title: "Vocational tracking"
Description: "Jobs identified, applications, follow-ups, interviews and their outcomes in one period (E098, E100, E101, E102)."
* insert SimpleFact
* code = https://mission-gateway.example/fhir/CodeSystem/mission-observation#vocational-tracking
* component 1.. MS
* component.code from https://mission-gateway.example/fhir/ValueSet/mission-tracking-item (required)
* component.value[x] 1.. MS

Profile: MissionEducationTracking
Parent: Observation
Id: mission-education-tracking
Title: "Educational tracking"
Description: "Schools identified, applications, follow-ups, interviews and their outcomes in one period (E033, E103, E107)."
* insert SimpleFact
* code = https://mission-gateway.example/fhir/CodeSystem/mission-observation#education-tracking
* component 1.. MS
* component.code from https://mission-gateway.example/fhir/ValueSet/mission-tracking-item (required)
* component.value[x] 1.. MS

Profile: MissionEmployment
Parent: Observation
Id: mission-employment
Title: "Employment status"
Description: "Employment of the client as it is now (E098)."
* insert SimpleFact
* code = $LNC#67875-5
* value[x] 1..
* value[x] only CodeableConcept
