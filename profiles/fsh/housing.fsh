Profile: MissionHousingPreference
Parent: QuestionnaireResponse
Id: mission-housing-preference
Title: "Pre-housing interview"
Description: "What the client wants and what stands in the way, in the client's own words (E082 to E090). Free text may hold what housing must not learn, so each answer can be withheld."
* insert UsCore(questionnaireresponse)
* identifier 1.. MS
* questionnaire 1.. MS
* questionnaire = "https://mission-gateway.example/fhir/Questionnaire/mission-housing-preference"
* status MS
* insert AboutClient
* authored 1.. MS
* author MS
* source MS
* item MS
* extension contains MissionEnrolmentReference named enrolment 0..1

Profile: MissionHousingSearch
Parent: Task
Id: mission-housing-search
Title: "Housing search"
Description: "Units located and applications made for a client, and what became of each (E091, E092, E093)."
* insert Sourced
* status MS
* intent MS
* code 1.. MS
* code = https://mission-gateway.example/fhir/CodeSystem/mission-task-code#housing-search
* for 1.. MS
* for only Reference(Patient)
* authoredOn 1.. MS
* owner MS
* focus MS
* output MS

Profile: MissionHousingStability
Parent: Observation
Id: mission-housing-stability
Title: "Housing stability"
Description: "Housed since when, rent and utilities paid, conflicts, worry about losing the home (E094, E095, E096)."
* insert SimpleFact
* code 1..
* component MS

Profile: MissionRelatedPerson
Parent: RelatedPerson
Id: mission-related-person
Title: "Family and supports"
Description: "Family, supports and payees of a client (E026, E087, E094)."
* insert UsCore(relatedperson)
* insert Sourced
* active 1.. MS
* patient MS
* relationship 1.. MS
* name 1.. MS
* telecom MS
* extension contains MissionLivesWithClient named livesWithClient 0..1
