Profile: MissionContact
Parent: Encounter
Id: mission-contact
Title: "MISSION contact"
Description: "One contact of the team with a client: what it was, where, and for how many minutes, from which every unit is derived (E017, E052, E059, E060, E065, E107, E111, E118, E120, E123)."
* insert UsCore(encounter)
* insert Sourced
* insert AboutClient
* status MS
* class MS
* type 1.. MS
* type from https://mission-gateway.example/fhir/ValueSet/mission-contact-type (extensible)
* period MS
* length MS
* length.value 1..
* length.system = "http://unitsofmeasure.org"
* length.code = #min
* participant 1.. MS
* participant.type MS
* participant.individual 1.. MS
* reasonCode MS
* location MS
* episodeOfCare MS
* serviceProvider 1.. MS
* extension contains
    MissionSessionFormat named format 0..1 MS and
    MissionGroupSize named groupSize 0..1
* obeys mission-group-size

Invariant: mission-group-size
Description: "Only a group session has a size"
Severity: #error
Expression: "extension.where(url = 'https://mission-gateway.example/fhir/StructureDefinition/mission-group-size').empty() or extension.where(url = 'https://mission-gateway.example/fhir/StructureDefinition/mission-session-format' and value = 'group').exists()"

RuleSet: SessionOfTeam
* insert UsCore(procedure)
* insert Sourced
* insert AboutClient
* status MS
* code 1.. MS
* performed[x] MS
* performed[x] only dateTime or Period
* performer MS
* encounter MS

Profile: MissionDrtSession
Parent: Procedure
Id: mission-drt-session
Title: "Dual Recovery Therapy session"
Description: "One of thirteen sessions by number and title, or a booster of one in the second and third phase (E063, E066)."
* insert SessionOfTeam
* code from https://mission-gateway.example/fhir/ValueSet/mission-drt-session (required)
* encounter 1..

Profile: MissionPeerSession
Parent: Procedure
Id: mission-peer-session
Title: "Peer support session"
Description: "One of eleven sessions led by the peer support specialist; the manual gives them numbers and no titles (E079)."
* insert SessionOfTeam
* code from https://mission-gateway.example/fhir/ValueSet/mission-peer-session (required)
* encounter 1..

Profile: MissionCmService
Parent: Procedure
Id: mission-cm-service
Title: "Case management service"
Description: "What a contact did for the client: assessment, planning, linkage, monitoring, advocacy, crisis response, transportation, harm reduction (E016, E052, E081, E115, E117, E120, E121, E127, E128, E130)."
* insert SessionOfTeam
* code from https://mission-gateway.example/fhir/ValueSet/mission-cm-function (extensible)
* extension contains $PERTAINS named goal 0..* MS

Profile: MissionRyanWhiteService
Parent: Procedure
Id: mission-ryan-white-service
Title: "Ryan White non-medical case management"
Description: "A service under the contract. Its minutes are the truth; units of fifteen minutes and visits are derived from them (E122, E123)."
* insert SessionOfTeam
* code from https://mission-gateway.example/fhir/ValueSet/mission-cm-function (extensible)
* performed[x] 1..
* performed[x] only Period
* performedPeriod.start 1..
* performedPeriod.end 1..
* encounter 1..
* extension contains
    MissionMinutes named minutes 1..1 MS and
    MissionContactPlace named place 0..1 MS and
    MissionDirectService named direct 0..1 MS and
    MissionAdministrative named administrative 0..1 and
    MissionContract named contract 0..1 MS

Profile: MissionRyanWhiteCharge
Parent: ChargeItem
Id: mission-ryan-white-charge
Title: "Units of a Ryan White service"
Description: "Units of fifteen minutes, derived from the minutes of the contact by the contract's rule of rounding (E122, E131, E132)."
* insert Sourced
* insert AboutClient
* status MS
* code MS
* context 1.. MS
* occurrence[x] 1.. MS
* quantity 1.. MS
* quantity.value 1..
* quantity.extension contains MissionUnitsDerived named derived 0..1

Profile: MissionWorksheetsReviewed
Parent: Observation
Id: mission-worksheets-reviewed
Title: "Worksheets reviewed"
Description: "Whether completed worksheets were reviewed in a session; never what is in them (E067)."
* insert Noted
* code = https://mission-gateway.example/fhir/CodeSystem/mission-drt-worksheet#reviewed
* value[x] 1.. MS
* value[x] only boolean
* encounter 1..

Profile: MissionHomework
Parent: Task
Id: mission-homework
Title: "Something to try before the next session"
Description: "What client and team agreed that the client tries until they meet again (E068)."
* insert Sourced
* status MS
* intent MS
* code 1.. MS
* code = https://mission-gateway.example/fhir/CodeSystem/mission-task-code#homework
* description 1.. MS
* for 1.. MS
* for only Reference(Patient)
* owner MS
* authoredOn 1.. MS
* encounter MS

Profile: MissionAppointment
Parent: Appointment
Id: mission-appointment
Title: "MISSION appointment"
Description: "Next appointment, kept, cancelled or missed; a no-show calls for outreach (E047, E058)."
* insert Sourced
* status MS
* start MS
* end MS
* minutesDuration MS
* participant 1.. MS
* participant.actor 1.. MS
* extension contains
    MissionWeekday named weekday 0..1 and
    MissionTimeOfDay named timeOfDay 0..1 and
    MissionAppointmentProvider named provider 0..1 and
    MissionAppointmentLocation named location 0..1
* obeys mission-appointment-client

Invariant: mission-appointment-client
Description: "An appointment is with exactly one client"
Severity: #error
Expression: "participant.actor.where(reference.startsWith('Patient/')).count() = 1"

Profile: MissionOutreachAttempt
Parent: Communication
Id: mission-outreach-attempt
Title: "Outreach attempt"
Description: "An attempt to reach a client: by what, when and with what outcome. It is the evidence without which a Ryan White client is not closed (E059, E126)."
* insert Sourced
* insert AboutClient
* subject 1..
* status MS
* medium 1.. MS
* sent 1.. MS
* sender 1.. MS
* reasonCode MS
* payload MS

Profile: MissionReferral
Parent: ServiceRequest
Id: mission-referral
Title: "Referral"
Description: "A need handed to a partner, out or in: what, why, how urgent, under which consent (E008, E031, E033, E038, E091, E104, E108, E110). A referral to housing carries no condition of treatment."
* insert UsCore(servicerequest)
* insert Sourced
* insert AboutClient
* status MS
* intent MS
* intent = #order
* category 1.. MS
* code 1.. MS
* code.text MS
* priority MS
* occurrence[x] MS
* authoredOn 1.. MS
* requester 1.. MS
* performer MS
* reasonCode MS
* reasonReference MS
* supportingInfo MS
* orderDetail MS
* extension contains MissionConsentReference named consent 0..1 MS and MissionRequestedBy named requestedBy 0..1

Profile: MissionReferralTask
Parent: Task
Id: mission-referral-task
Title: "State of a referral"
Description: "The one state of a referral, which every format is a projection of: the states, reasons and outputs of SDOH Clinical Care (E012, E054, E109)."
* insert Sourced
* status MS
* status from https://mission-gateway.example/fhir/ValueSet/mission-referral-status (required)
* intent MS
* intent = #order
* code 1.. MS
* code = $TASKCODE#fulfill
* focus 1.. MS
* focus only Reference(ServiceRequest)
* for 1.. MS
* for only Reference(Patient)
* authoredOn 1.. MS
* requester 1.. MS
* owner MS
* statusReason MS
* output MS
* obeys mission-referral-reason and mission-referral-output

Invariant: mission-referral-reason
Description: "Rejected, cancelled, failed and on-hold say why"
Severity: #error
Expression: "(status in ('rejected' | 'cancelled' | 'failed' | 'on-hold')) implies statusReason.text.exists()"

Invariant: mission-referral-output
Description: "A completed referral says what came of it"
Severity: #error
Expression: "status = 'completed' implies output.exists()"

Profile: MissionCollateralContact
Parent: Communication
Id: mission-collateral-contact
Title: "Contact on behalf of a client"
Description: "With a landlord, a housing authority, a provider, probation: about the client and not with the client. None of them ever learns of the programme without a basis (E093, E121, E127)."
* insert Sourced
* insert AboutClient
* subject 1..
* status MS
* category 1.. MS
* category from https://mission-gateway.example/fhir/ValueSet/mission-collateral-kind (extensible)
* medium MS
* sent 1.. MS
* sender 1.. MS
* recipient MS
* payload MS

Profile: MissionReEngagementTask
Parent: Task
Id: mission-re-engagement-task
Title: "Re-engagement of a client"
Description: "The work of finding a client who is lost to care; a Ryan White enrolment is finished only after it (E126)."
* insert Sourced
* status MS
* intent MS
* code 1.. MS
* code = https://mission-gateway.example/fhir/CodeSystem/mission-task-code#re-engage
* for 1.. MS
* for only Reference(Patient)
* authoredOn 1.. MS
* owner MS
