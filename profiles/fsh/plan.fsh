Profile: MissionTreatmentPlan
Parent: CarePlan
Id: mission-treatment-plan
Title: "MISSION treatment plan"
Description: "The plan that client and case manager write together: diagnoses, services, goals, team, frequency and length (E019, E034, E039, E040, E045, E046, E057). Services are requests of their own and never details of the plan, as MCC eCare Plan asks."
* insert UsCore(careplan)
* insert Sourced
* insert AboutClient
* text 1.. MS
* status MS
* intent MS
* intent = #plan
* category 1.. MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains assessPlan 1..1 MS
* category[assessPlan] = $UCPLAN#assess-plan
* period 1.. MS
* period.start 1..
* created MS
* author MS
* contributor 1.. MS
* careTeam 1.. MS
* addresses MS
* addresses only Reference(Condition)
* supportingInfo MS
* goal MS
* goal only Reference(Goal)
* activity MS
* activity.detail 0..0
* activity.reference MS
* activity.outcomeReference MS
* replaces MS
* note MS
* extension contains
    MissionFrequency named frequency 0..1 MS and
    MissionServiceLocation named location 0..1 and
    MissionAgreedOn named agreedOn 0..1 MS and
    MissionReviewedOn named reviewedOn 0..1 MS and
    MissionEnrolmentReference named enrolment 0..1 MS

Profile: MissionTransitionPlan
Parent: CarePlan
Id: mission-transition-plan
Title: "MISSION discharge and transition plan"
Description: "What follows after the programme: the third phase hands over to the providers named here (E060, E061, E062, E130)."
* insert UsCore(careplan)
* insert Sourced
* insert AboutClient
* text 1.. MS
* status MS
* intent = #plan
* category 1.. MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains assessPlan 1..1 MS and discharge 1..1 MS
* category[assessPlan] = $UCPLAN#assess-plan
* category[discharge] = $SCT#371754007
* period MS
* contributor MS
* careTeam MS
* addresses MS
* goal MS
* activity MS
* activity.detail 0..0
* activity.reference MS
* extension contains MissionEnrolmentReference named enrolment 0..1 MS

Profile: MissionGoal
Parent: Goal
Id: mission-goal
Title: "MISSION goal"
Description: "A goal of the client, in the client's own voice (E041, E042, E099, E137)."
* insert UsCore(goal)
* insert Sourced
* insert AboutClient
* lifecycleStatus MS
* achievementStatus MS
* category MS
* category from https://mission-gateway.example/fhir/ValueSet/mission-goal-domain (extensible)
* description MS
* description.text 1.. MS
* expressedBy 1.. MS
* expressedBy only Reference(Patient)
* start[x] 1.. MS
* start[x] only date
* target MS
* target.due[x] only date
* addresses MS
* extension contains MissionGoalVerbatim named verbatim 0..1 MS and $GOALREL named objective 0..* MS

Profile: MissionObjective
Parent: Goal
Id: mission-objective
Title: "MISSION objective"
Description: "A specific, measurable step with a day, a child of one goal (E043)."
* insert UsCore(goal)
* insert Sourced
* insert AboutClient
* lifecycleStatus MS
* achievementStatus MS
* description MS
* description.text 1.. MS
* expressedBy MS
* start[x] 1.. MS
* start[x] only date
* target MS
* target.measure MS
* target.due[x] MS
* target.due[x] only date
* extension contains MissionObjectiveOf named objectiveOf 1..1 MS

Profile: MissionService
Parent: ServiceRequest
Id: mission-service
Title: "Service of a treatment plan"
Description: "What is done for an objective, by whom and how often, linked to the goals it serves (E038, E039, E044, E053)."
* insert UsCore(servicerequest)
* insert Sourced
* insert AboutClient
* status MS
* intent MS
* intent from https://mission-gateway.example/fhir/ValueSet/mission-plan-intent (required)
* category 1.. MS
* code 1.. MS
* code from https://mission-gateway.example/fhir/ValueSet/mission-service-need (extensible)
* code.text MS
* occurrence[x] MS
* authoredOn 1.. MS
* requester 1.. MS
* performer MS
* note MS
* extension contains $PERTAINS named goal 0..* MS and MissionPertainsToObjective named objective 0..* MS

Profile: MissionDiagnosis
Parent: Condition
Id: mission-diagnosis
Title: "Diagnosis of a treatment plan"
Description: "A diagnosis in the words of the plan, with codes only where the words decide them (E010, E032, E035, E036, E056)."
* insert UsCore(condition-problems-health-concerns)
* insert Sourced
* insert AboutClient
* clinicalStatus MS
* verificationStatus MS
* category 1.. MS
* code 1.. MS
* code.text 1.. MS
* onset[x] MS
* abatement[x] MS
* recordedDate MS
* recorder MS
* extension contains MissionDiagnosisRank named rank 0..1 MS

Profile: MissionHousingCondition
Parent: Condition
Id: mission-housing-condition
Title: "Homelessness or risk of it"
Description: "Homelessness as a health concern of social need (E009)."
* insert UsCore(condition-problems-health-concerns)
* insert Sourced
* insert AboutClient
* clinicalStatus 1.. MS
* verificationStatus MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains concern 1..1 MS and sdoh 1..1 MS
* category[concern] = $UCCOND#health-concern
* category[sdoh] = $UCCAT#sdoh
* code 1.. MS
* recordedDate MS

Profile: MissionDocument
Parent: DocumentReference
Id: mission-document
Title: "Document of the programme"
Description: "Signed treatment contract, treatment plan on paper, personal recovery plan, identity and work documents (E014, E016, E034, E048, E105)."
* insert UsCore(documentreference)
* insert Sourced
* insert AboutClient
* status MS
* type 1.. MS
* category 1.. MS
* date MS
* author MS
* custodian MS
* content MS
* content.attachment MS
* extension contains MissionSignedOn named signedOn 0..1 MS and MissionEnrolmentReference named enrolment 0..1

Profile: MissionProgressNote
Parent: DocumentReference
Id: mission-progress-note
Title: "MISSION progress note"
Description: "Service provided, response of the client, follow-up, and the goal it belongs to (E076, E119). A counselling note kept apart by law is never in it."
* insert UsCore(documentreference)
* insert Sourced
* insert AboutClient
* status MS
* type 1.. MS
* type from https://mission-gateway.example/fhir/ValueSet/mission-note-type (required)
* category 1.. MS
* date 1.. MS
* author 1.. MS
* custodian MS
* content MS
* content.attachment MS
* context 1.. MS
* context.encounter MS
* context.related MS
* extension contains $PERTAINS named goal 1..* MS

Profile: MissionBarrier
Parent: Condition
Id: mission-barrier
Title: "Barrier or gap in support"
Description: "What keeps a client from a service, as a health concern of social need (E025, E055)."
* insert UsCore(condition-problems-health-concerns)
* insert Sourced
* insert AboutClient
* clinicalStatus 1.. MS
* category 1.. MS
* code 1.. MS
* code.text 1.. MS
* recordedDate MS
