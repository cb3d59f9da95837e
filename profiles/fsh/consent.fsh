// Elements of a written consent that R4 has no home for. @law 42 CFR 2.31(a)

Extension: ConsentPatientName
Id: consent-patient-name
Title: "Name of the patient"
Description: "As it stands on the form; 42 CFR 2.31(a)(1)."
Context: Consent
* insert Simple(string)

Extension: ConsentDiscloser
Id: consent-discloser
Title: "Who may disclose"
Description: "A specific name or a general designation of who is permitted to disclose; 42 CFR 2.31(a)(2)."
Context: Consent
* value[x] 1..
* value[x] only string or markdown or Reference

Extension: ConsentDescription
Id: consent-description
Title: "What is to be disclosed"
Description: "How much and what kind of information, in the words of the form; 42 CFR 2.31(a)(3)."
Context: Consent
* value[x] 1..
* value[x] only string or markdown

Extension: ConsentPurposeText
Id: consent-purpose-text
Title: "Purpose in words"
Description: "The purpose of the disclosure as it stands on the form; 42 CFR 2.31(a)(5)."
Context: Consent
* value[x] 1..
* value[x] only string or markdown

Extension: ConsentPatientInitiated
Id: consent-patient-initiated
Title: "At the request of the patient"
Description: "The patient started the consent and states no purpose; 42 CFR 2.31(a)(5)(i)."
Context: Consent
* insert Simple(boolean)

Extension: ConsentStatement
Id: consent-statement
Title: "Statement on the form"
Description: "A statement that the form makes: how to revoke, what may be redisclosed, what follows from refusing; 42 CFR 2.31(a)(4) to (8)."
Context: Consent
* value[x] 0..0
* extension contains code 1..1 and text 0..1
* extension[code].value[x] 1..
* extension[code].value[x] only code
* extension[text].value[x] only string or markdown

Extension: ConsentExpirationEvent
Id: consent-expiration-event
Title: "Event on which the consent expires"
Description: "None, end of treatment, end of a study, or an event in words, with the moment when it came about; 42 CFR 2.31(a)(7)."
Context: Consent
* value[x] 0..0
* extension contains event 1..1 and text 0..1 and occurredAt 0..1
* extension[event].value[x] 1..
* extension[event].value[x] only code
* extension[text].value[x] only string or markdown
* extension[occurredAt].value[x] only dateTime

Extension: ConsentSignature
Id: consent-signature
Title: "Signature"
Description: "Who signed, in which capacity, how and when; 42 CFR 2.31(a)(8), 2.14 and 2.15."
Context: Consent
* value[x] 0..0
* extension contains capacity 1..1 and method 0..1 and signature 0..1 and when 0..1 and evidence 0..1
* extension[capacity].value[x] 1..
* extension[capacity].value[x] only code
* extension[method].value[x] only code
* extension[signature].value[x] only Signature
* extension[when].value[x] only dateTime
* extension[evidence].value[x] only string or markdown

Extension: ConsentSignedAt
Id: consent-signed-at
Title: "Signed at"
Description: "When the consent was signed; 42 CFR 2.31(a)(9)."
Context: Consent
* insert Simple(dateTime)

Extension: ConsentRevokedAt
Id: consent-revoked-at
Title: "Revoked at"
Description: "When the patient revoked the consent; 42 CFR 2.31(a)(6)."
Context: Consent
* insert Simple(dateTime)

Extension: ConsentIrrevocable
Id: consent-irrevocable
Title: "Irrevocable until"
Description: "A criminal-justice consent may be irrevocable until an event or a moment; 42 CFR 2.35(c)."
Context: Consent
* value[x] 0..0
* extension contains event 0..1 and until 0..1
* extension[event].value[x] only string or markdown
* extension[until].value[x] only dateTime

Extension: ConsentMonitoringDuty
Id: consent-monitoring-duty
Title: "Duty to monitor"
Description: "Why a recipient in criminal justice has a need to know; 42 CFR 2.35(a)(1)."
Context: Consent
* value[x] 1..
* value[x] only string or markdown

Extension: ConsentConditionOfService
Id: consent-condition-of-service
Title: "Condition of a service"
Description: "The consent was asked as a condition of treatment or another service."
Context: Consent
* insert Simple(boolean)

Extension: ConsentForm
Id: consent-form
Title: "Form"
Description: "Which form the consent was written on, and in which version."
Context: Consent
* insert Simple(uri)

Extension: ConsentKnownFalse
Id: consent-known-false
Title: "Known to be false"
Description: "Whoever holds it knows, or could know, that the consent is materially false; 42 CFR 2.31(c)(4)."
Context: Consent
* insert Simple(boolean)

Extension: ConsentReplaces
Id: consent-replaces
Title: "Replaces"
Description: "The earlier consent that this one takes the place of."
Context: Consent
* insert Simple(Reference)
* valueReference only Reference(Consent)

Extension: ConsentRecipientClass
Id: consent-recipient-class
Title: "Class of recipients"
Description: "Treating providers, health plans, third-party payers or programme operations, where the law lets a class be named; 42 CFR 2.31(a)(4)(i)."
Context: Consent.provision.actor
* insert Simple(code)

Extension: ConsentIncludesParts
Id: consent-includes-parts
Title: "Includes its parts"
Description: "The organisation is named with its departments and sites."
Context: Consent.provision.actor
* insert Simple(boolean)

Extension: ConsentIntermediaryMembers
Id: consent-intermediary-members
Title: "Members behind an intermediary"
Description: "Which participants of an intermediary may receive: by name, or treating providers; 42 CFR 2.31(a)(4)(ii)."
Context: Consent.provision.actor
* value[x] 0..0
* extension 1..

Profile: MissionConsent
Parent: Consent
Id: mission-consent
Title: "Written consent under 42 CFR Part 2"
Description: "A consent with every element that 42 CFR 2.31 asks for, so that a deficient one is seen for what it is (E014, E015, E139)."
* identifier MS
* status MS
* scope MS
* category 1.. MS
* patient 1.. MS
* patient only Reference(Patient)
* dateTime MS
* performer MS
* organization MS
* source[x] MS
* policy MS
* policyRule MS
* provision 1.. MS
* provision.type MS
* provision.period MS
* provision.actor MS
* provision.actor.role MS
* provision.actor.reference MS
* provision.purpose MS
* provision.securityLabel MS
* provision.class MS
* provision.code MS
* provision.actor.extension contains ConsentRecipientClass named recipientClass 0..* and ConsentIncludesParts named includesParts 0..1 and ConsentIntermediaryMembers named members 0..1
* extension contains
    ConsentPatientName named patientName 0..1 MS and
    ConsentDiscloser named discloser 0..* MS and
    ConsentDescription named description 0..1 MS and
    ConsentPurposeText named purposeText 0..1 MS and
    ConsentPatientInitiated named patientInitiated 0..1 and
    ConsentStatement named statement 0..* MS and
    ConsentExpirationEvent named expirationEvent 0..1 MS and
    ConsentSignature named signature 0..* MS and
    ConsentSignedAt named signedAt 0..1 MS and
    ConsentRevokedAt named revokedAt 0..1 MS and
    ConsentIrrevocable named irrevocable 0..1 and
    ConsentMonitoringDuty named monitoringDuty 0..1 and
    ConsentConditionOfService named conditionOfService 0..1 and
    ConsentForm named form 0..1 MS and
    ConsentKnownFalse named knownFalse 0..1 and
    ConsentReplaces named replaces 0..1
