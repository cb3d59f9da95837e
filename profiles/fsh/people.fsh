Profile: MissionClient
Parent: Patient
Id: mission-client
Title: "MISSION client"
Description: "A client of the programme: identity, how to reach them, and how long the address has been known to be right (E001, E002, E005)."
* insert UsCore(patient)
* insert Sourced
* identifier.system 1.. MS
* identifier.value 1.. MS
* name 1.. MS
* name.family MS
* name.given MS
* gender 1.. MS
* birthDate MS
* telecom MS
* address MS
* address.extension contains MissionAddressVerified named verified 0..1 MS
* contact MS
* communication MS
* extension contains MissionRecordedOn named recordedOn 0..1

Profile: MissionStaff
Parent: Practitioner
Id: mission-staff
Title: "Member of the MISSION team"
Description: "Case manager, peer support specialist, clinical supervisor or non-medical case manager (E020, E021)."
* insert UsCore(practitioner)
* insert Sourced
* name 1.. MS
* name.family 1.. MS
* qualification MS

Profile: MissionStaffRole
Parent: PractitionerRole
Id: mission-staff-role
Title: "Role in the MISSION team"
Description: "What a member of the team does for the programme (E020, E021)."
* insert Sourced
* practitioner 1.. MS
* organization 1.. MS
* code 1.. MS
* code from https://mission-gateway.example/fhir/ValueSet/mission-staff-role (extensible)

Profile: MissionProvider
Parent: Practitioner
Id: mission-provider
Title: "Provider outside of the programme"
Description: "Primary care provider, psychiatrist or another whom the treatment plan names (E037)."
* insert UsCore(practitioner)
* insert Sourced
* name 1.. MS
* name.family 1.. MS

Profile: MissionProviderRole
Parent: PractitionerRole
Id: mission-provider-role
Title: "Role of a provider outside of the programme"
Description: "What a provider named in the treatment plan is to the client, and for whom they work (E037)."
* insert Sourced
* practitioner 1.. MS
* organization MS
* code 1.. MS

Profile: MissionCareTeam
Parent: CareTeam
Id: mission-care-team
Title: "MISSION care team"
Description: "Case manager, peer support specialist, supervisor, and the providers of the treatment plan (E020, E037, E127)."
* insert UsCore(careteam)
* insert Sourced
* insert AboutClient
* status 1.. MS
* participant 1.. MS
* participant.role 1..1 MS
* participant.role from https://mission-gateway.example/fhir/ValueSet/mission-staff-role (extensible)
* participant.member 1.. MS
* managingOrganization MS

Profile: MissionEnrolment
Parent: EpisodeOfCare
Id: mission-enrolment
Title: "Enrolment in MISSION"
Description: "The stay of a client in the programme: version, length, phases of Critical Time Intervention with their history, and the team (E003, E018, E049, E050, E051, E062, E116)."
* insert Sourced
* status MS
* patient MS
* type 1..1 MS
* type from https://mission-gateway.example/fhir/ValueSet/mission-mission-version (required)
* period 1.. MS
* period.start 1..
* managingOrganization 1.. MS
* careManager 1.. MS
* team MS
* diagnosis MS
* extension contains
    MissionProgramLength named length 1..1 MS and
    MissionCtiPhase named phase 0..* MS and
    MissionCmModel named model 0..1 MS and
    MissionRyanWhite named ryanWhite 0..1 MS and
    MissionEndReason named endReason 0..1 MS and
    MissionAccomplishments named accomplishments 0..1 MS
* obeys mission-enrolment-end and mission-phase-order and mission-phase-one

Invariant: mission-enrolment-end
Description: "A finished enrolment has an end"
Severity: #error
Expression: "status != 'finished' or period.end.exists()"

Invariant: mission-phase-one
Description: "At most one phase has no end"
Severity: #error
Expression: "extension.where(url = 'https://mission-gateway.example/fhir/StructureDefinition/mission-cti-phase').where(extension.where(url = 'period').value.end.empty()).count() <= 1"

Invariant: mission-phase-order
Description: "No phase begins before the enrolment"
Severity: #error
Expression: "extension.where(url = 'https://mission-gateway.example/fhir/StructureDefinition/mission-cti-phase').extension.where(url = 'period').value.all(start >= %resource.period.start)"
