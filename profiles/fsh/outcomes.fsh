Profile: MissionOutcomeReport
Parent: MeasureReport
Id: mission-outcome-report
Title: "Outcomes"
Description: "Outcomes of a client or of the programme over a period: recovery, housing kept, employment, hospital and residential use, retention in HIV care (E131, E135, E136, E137, E138)."
* identifier 1.. MS
* status MS
* type MS
* measure MS
* date 1.. MS
* reporter 1.. MS
* period MS
* period.start 1..
* period.end 1..
* group 1.. MS
* obeys mission-report-subject

Invariant: mission-report-subject
Description: "An individual report has a subject, and a summary has none"
Severity: #error
Expression: "(type = 'individual' and subject.exists()) or (type != 'individual' and subject.empty())"

Profile: MissionAgreement
Parent: OrganizationAffiliation
Id: mission-agreement
Title: "Agreement between agencies"
Description: "Memorandum, point-of-entry agreement or consortium: without it no referral is routed by itself (E112, E113, E134)."
* identifier 1.. MS
* active 1.. MS
* period MS
* organization 1.. MS
* participatingOrganization 1.. MS
* code 1.. MS

Profile: MissionResource
Parent: HealthcareService
Id: mission-community-resource
Title: "Entry of the community resource directory"
Description: "A service that clients can be referred to, with the day on which it was last verified (E114)."
* identifier 1.. MS
* active MS
* providedBy 1.. MS
* type MS
* name 1.. MS
* telecom MS
* extension contains MissionAssuredOn named assuredOn 0..1 MS

Extension: MissionAssuredOn
Id: mission-assured-on
Title: "Verified on"
Description: "Day on which a directory entry was last verified (E114)."
Context: HealthcareService
* insert Simple(date)

Profile: MissionDirectoryOrganization
Parent: Organization
Id: mission-directory-organization
Title: "Agency of the community resource directory"
Description: "The agency behind an entry of the directory (E114)."
* insert UsCore(organization)
* insert Sourced
* active 1.. MS
* name 1.. MS
* telecom MS

Profile: MissionDirectoryLocation
Parent: Location
Id: mission-directory-location
Title: "Place of the community resource directory"
Description: "Where a service of the directory is given (E114)."
* insert UsCore(location)
* insert Sourced
* status 1.. MS
* name 1.. MS
* address MS
