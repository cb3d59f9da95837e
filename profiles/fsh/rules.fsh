// What a profile says that an instance must also conform to. Three versions at once: a partner may be on any of them.
RuleSet: UsCore(profile)
* ^extension[+].url = "http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile"
* ^extension[=].valueCanonical = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-{profile}|6.1.0"
* ^extension[+].url = "http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile"
* ^extension[=].valueCanonical = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-{profile}|7.0.0"
* ^extension[+].url = "http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile"
* ^extension[=].valueCanonical = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-{profile}|8.0.0"

// Every resource made from a record of the programme's own system carries that system's key, and no other than this client.
RuleSet: Sourced
* identifier 1.. MS

RuleSet: AboutClient
* subject 1.. MS
* subject only Reference(Patient)

// An extension with one value.
RuleSet: Simple(type)
* value[x] 1..
* value[x] only {type}

// An Observation of one fact that the team noted.
RuleSet: Noted
* insert Sourced
* insert AboutClient
* status MS
* code MS
* effective[x] 1.. MS
* performer MS
* encounter MS
