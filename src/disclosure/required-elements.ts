/**
 * The elements that FHIR R4 asks for, by resource type, so that redaction knows when what is left is no longer valid.
 * Paths are relative to the type; `a.b` means "where `a` is, `b` must be"; `a.a>a` means that `a.a` repeats `a`.
 * Made from the R4 definitions; test/disclosure/required-elements.test.ts makes it again and compares.
 * @spec FHIR R4 4.0.1, ElementDefinition.min and contentReference
 */
export const REQUIRED_ELEMENTS: Readonly<Record<string, string>> = {
  Account: 'status coverage.coverage guarantor.party',
  ActivityDefinition:
    'status useContext.code useContext.value[x] relatedArtifact.type participant.type dynamicValue.path dynamicValue.expression dynamicValue.expression.language',
  AdverseEvent: 'actuality subject suspectEntity.instance',
  AllergyIntolerance: 'patient note.text reaction.manifestation reaction.note.text',
  Appointment: 'status participant participant.status',
  AppointmentResponse: 'appointment participantStatus',
  AuditEvent: 'type recorded agent agent.requestor source source.observer entity.detail.type entity.detail.value[x]',
  Basic: 'code',
  Binary: 'contentType',
  BiologicallyDerivedProduct: '',
  BodyStructure: 'patient',
  Bundle:
    'type link.relation link.url entry.request.method entry.request.url entry.response.status signature.type signature.when signature.who entry.link>link',
  CapabilityStatement:
    'status date useContext.code useContext.value[x] kind software.name implementation.description fhirVersion format rest.mode rest.resource.type rest.resource.interaction.code rest.resource.searchParam.name rest.resource.searchParam.type rest.resource.operation.name rest.resource.operation.definition rest.interaction.code messaging.endpoint.protocol messaging.endpoint.address messaging.supportedMessage.mode messaging.supportedMessage.definition document.mode document.profile rest.searchParam>rest.resource.searchParam rest.operation>rest.resource.operation',
  CarePlan: 'status intent subject activity.progress.text activity.detail.status note.text',
  CareTeam: 'note.text',
  CatalogEntry: 'orderable referencedItem relatedEntry.relationtype relatedEntry.item',
  ChargeItem: 'status code subject performer.actor note.text',
  ChargeItemDefinition:
    'url status useContext.code useContext.value[x] propertyGroup.priceComponent.type propertyGroup.applicability>applicability',
  Claim:
    'status type use patient created provider priority payee.type careTeam.sequence careTeam.provider supportingInfo.sequence supportingInfo.category diagnosis.sequence diagnosis.diagnosis[x] procedure.sequence procedure.procedure[x] insurance insurance.sequence insurance.focal insurance.coverage accident.date item.sequence item.productOrService item.detail.sequence item.detail.productOrService item.detail.subDetail.sequence item.detail.subDetail.productOrService',
  ClaimResponse:
    'status type use patient created insurer outcome item.itemSequence item.adjudication item.adjudication.category item.detail.detailSequence item.detail.adjudication item.detail.subDetail.subDetailSequence addItem.productOrService addItem.adjudication addItem.detail.productOrService addItem.detail.adjudication addItem.detail.subDetail.productOrService addItem.detail.subDetail.adjudication total.category total.amount payment.type payment.amount processNote.text insurance.sequence insurance.focal insurance.coverage error.code item.detail.adjudication>item.adjudication item.detail.subDetail.adjudication>item.adjudication addItem.adjudication>item.adjudication addItem.detail.adjudication>item.adjudication addItem.detail.subDetail.adjudication>item.adjudication adjudication>item.adjudication',
  ClinicalImpression: 'status subject investigation.code note.text',
  CodeSystem:
    'status useContext.code useContext.value[x] content filter.code filter.operator filter.value property.code property.type concept.code concept.designation.value concept.property.code concept.property.value[x] concept.concept>concept',
  Communication: 'status payload.content[x] note.text',
  CommunicationRequest: 'status payload.content[x] note.text',
  CompartmentDefinition: 'url name status useContext.code useContext.value[x] code search resource.code',
  Composition: 'status type date author title attester.mode relatesTo.code relatesTo.target[x] section.section>section',
  ConceptMap:
    'status useContext.code useContext.value[x] group.element group.element.target.equivalence group.element.target.dependsOn.property group.element.target.dependsOn.value group.unmapped.mode group.element.target.product>group.element.target.dependsOn',
  Condition: 'subject note.text',
  Consent:
    'status scope category verification.verified provision.actor.role provision.actor.reference provision.data.meaning provision.data.reference provision.provision>provision',
  Contract:
    'contentDefinition.type contentDefinition.publicationStatus term.securityLabel.classification term.offer term.offer.party.reference term.offer.party.role term.offer.answer.value[x] term.action.type term.action.subject.reference term.action.intent term.action.status term.action.note.text signer.type signer.party signer.signature signer.signature.type signer.signature.when signer.signature.who friendly.content[x] legal.content[x] rule.content[x] term.asset.answer>term.offer.answer term.group>term',
  Coverage: 'status beneficiary payor class.type class.value costToBeneficiary.value[x] costToBeneficiary.exception.type',
  CoverageEligibilityRequest:
    'status purpose patient created insurer supportingInfo.sequence supportingInfo.information insurance.coverage',
  CoverageEligibilityResponse:
    'status purpose patient created request outcome insurer insurance.coverage insurance.item.benefit.type error.code',
  DetectedIssue: 'status mitigation.action',
  Device: 'deviceName.name deviceName.type specialization.systemType version.value property.type note.text',
  DeviceDefinition:
    'udiDeviceIdentifier.deviceIdentifier udiDeviceIdentifier.issuer udiDeviceIdentifier.jurisdiction deviceName.name deviceName.type specialization.systemType shelfLifeStorage.type shelfLifeStorage.period capability.type property.type note.text material.substance classification.type classification.justification.type',
  DeviceMetric: 'type category',
  DeviceRequest: 'intent code[x] subject note.text',
  DeviceUseStatement: 'status subject device note.text',
  DiagnosticReport: 'status code media.link',
  DocumentManifest: 'status content',
  DocumentReference: 'status relatesTo.code relatesTo.target content content.attachment',
  EffectEvidenceSynthesis:
    'status note.text useContext.code useContext.value[x] relatedArtifact.type population exposure exposureAlternative outcome resultsByExposure.riskEvidenceSynthesis certainty.note.text certainty.certaintySubcomponent.note.text',
  Encounter:
    'status statusHistory.status statusHistory.period class classHistory.class classHistory.period diagnosis.condition location.location',
  Endpoint: 'status connectionType payloadType address',
  EnrollmentRequest: '',
  EnrollmentResponse: '',
  EpisodeOfCare: 'status statusHistory.status statusHistory.period diagnosis.condition patient',
  EventDefinition: 'status useContext.code useContext.value[x] relatedArtifact.type trigger trigger.type',
  Evidence: 'status note.text useContext.code useContext.value[x] relatedArtifact.type exposureBackground',
  EvidenceVariable:
    'status note.text useContext.code useContext.value[x] relatedArtifact.type characteristic.note.text characteristic.definitionExpression.language characteristic.definitionByTypeAndValue.type characteristic.definitionByTypeAndValue.value[x] characteristic.definitionByCombination.code characteristic.definitionByCombination.characteristic characteristic.timeFromEvent.note.text characteristic.definitionByCombination.characteristic>characteristic',
  ExampleScenario:
    'status useContext.code useContext.value[x] actor.actorId actor.type instance.resourceId instance.resourceType instance.version.versionId instance.version.description instance.containedInstance.resourceId process.title process.step.operation.number process.step.alternative.title process.step.process>process process.step.operation.request>instance.containedInstance process.step.operation.response>instance.containedInstance process.step.alternative.step>process.step',
  ExplanationOfBenefit:
    'status type use patient created insurer provider outcome careTeam.sequence careTeam.provider supportingInfo.sequence supportingInfo.category diagnosis.sequence diagnosis.diagnosis[x] procedure.sequence procedure.procedure[x] insurance insurance.focal insurance.coverage item.sequence item.productOrService item.adjudication.category item.detail.sequence item.detail.productOrService item.detail.subDetail.sequence item.detail.subDetail.productOrService addItem.productOrService addItem.detail.productOrService addItem.detail.subDetail.productOrService total.category total.amount benefitBalance.category benefitBalance.financial.type item.detail.adjudication>item.adjudication item.detail.subDetail.adjudication>item.adjudication addItem.adjudication>item.adjudication addItem.detail.adjudication>item.adjudication addItem.detail.subDetail.adjudication>item.adjudication adjudication>item.adjudication',
  FamilyMemberHistory: 'status patient relationship note.text condition.code condition.note.text',
  Flag: 'status code subject',
  Goal: 'lifecycleStatus description subject note.text',
  GraphDefinition:
    'name status useContext.code useContext.value[x] start link.target.type link.target.compartment.use link.target.compartment.code link.target.compartment.rule link.target.link>link',
  Group: 'type actual characteristic.code characteristic.value[x] characteristic.exclude member.entity',
  GuidanceResponse: 'module[x] status note.text dataRequirement.type',
  HealthcareService: 'notAvailable.description',
  ImagingStudy:
    'status subject note.text series.uid series.modality series.performer.actor series.instance.uid series.instance.sopClass',
  Immunization: 'status vaccineCode patient occurrence[x] performer.actor note.text protocolApplied.doseNumber[x]',
  ImmunizationEvaluation: 'status patient targetDisease immunizationEvent doseStatus',
  ImmunizationRecommendation:
    'patient date recommendation recommendation.forecastStatus recommendation.dateCriterion.code recommendation.dateCriterion.value',
  ImplementationGuide:
    'url name status useContext.code useContext.value[x] packageId fhirVersion dependsOn.uri global.type global.profile definition.grouping.name definition.resource definition.resource.reference definition.page.name[x] definition.page.title definition.page.generation definition.parameter.code definition.parameter.value definition.template.code definition.template.source manifest.resource manifest.resource.reference manifest.page.name definition.page.page>definition.page',
  InsurancePlan:
    'coverage.type coverage.benefit coverage.benefit.type plan.specificCost.category plan.specificCost.benefit.type plan.specificCost.benefit.cost.type',
  Invoice:
    'status participant.actor lineItem.chargeItem[x] lineItem.priceComponent.type note.text totalPriceComponent>lineItem.priceComponent',
  Library:
    'status type useContext.code useContext.value[x] relatedArtifact.type parameter.use parameter.type dataRequirement.type',
  Linkage: 'item item.type item.resource',
  List: 'status mode note.text entry.item',
  Location: 'position.longitude position.latitude',
  Measure:
    'status useContext.code useContext.value[x] relatedArtifact.type group.population.criteria group.population.criteria.language group.stratifier.criteria.language group.stratifier.component.criteria group.stratifier.component.criteria.language supplementalData.criteria supplementalData.criteria.language',
  MeasureReport: 'status type measure period group.stratifier.stratum.component.code group.stratifier.stratum.component.value',
  Media: 'status content note.text',
  Medication: 'ingredient.item[x]',
  MedicationAdministration: 'status medication[x] subject effective[x] performer.actor note.text',
  MedicationDispense: 'status medication[x] performer.actor note.text substitution.wasSubstituted',
  MedicationKnowledge:
    'relatedMedicationKnowledge.type relatedMedicationKnowledge.reference ingredient.item[x] cost.type cost.cost administrationGuidelines.dosage.type administrationGuidelines.dosage.dosage administrationGuidelines.patientCharacteristics.characteristic[x] medicineClassification.type regulatory.regulatoryAuthority regulatory.substitution.type regulatory.substitution.allowed regulatory.schedule.schedule regulatory.maxDispense.quantity',
  MedicationRequest: 'status intent medication[x] subject note.text substitution.allowed[x]',
  MedicationStatement: 'status medication[x] subject note.text',
  MedicinalProduct:
    'marketingStatus.country marketingStatus.status marketingStatus.dateRange name name.productName name.namePart.part name.namePart.type name.countryLanguage.country name.countryLanguage.language',
  MedicinalProductAuthorization: 'procedure.type procedure.application>procedure',
  MedicinalProductContraindication: 'otherTherapy.therapyRelationshipType otherTherapy.medication[x]',
  MedicinalProductIndication: 'otherTherapy.therapyRelationshipType otherTherapy.medication[x]',
  MedicinalProductIngredient:
    'role specifiedSubstance.code specifiedSubstance.group specifiedSubstance.strength.presentation specifiedSubstance.strength.referenceStrength.strength substance.code substance.strength>specifiedSubstance.strength',
  MedicinalProductInteraction: 'interactant.item[x]',
  MedicinalProductManufactured: 'manufacturedDoseForm quantity',
  MedicinalProductPackaged:
    'marketingStatus.country marketingStatus.status marketingStatus.dateRange batchIdentifier.outerPackaging packageItem packageItem.type packageItem.quantity packageItem.shelfLifeStorage.type packageItem.shelfLifeStorage.period packageItem.packageItem>packageItem',
  MedicinalProductPharmaceutical:
    'administrableDoseForm characteristics.code routeOfAdministration routeOfAdministration.code routeOfAdministration.targetSpecies.code routeOfAdministration.targetSpecies.withdrawalPeriod.tissue routeOfAdministration.targetSpecies.withdrawalPeriod.value',
  MedicinalProductUndesirableEffect: '',
  MessageDefinition: 'status date useContext.code useContext.value[x] event[x] focus.code focus.min allowedResponse.message',
  MessageHeader: 'event[x] destination.endpoint source source.endpoint response.identifier response.code',
  MolecularSequence: 'coordinateSystem quality.type repository.type',
  NamingSystem: 'name status kind date useContext.code useContext.value[x] uniqueId uniqueId.type uniqueId.value',
  NutritionOrder: 'status intent patient dateTime note.text',
  Observation:
    'status code valueSampledData.origin valueSampledData.period valueSampledData.dimensions note.text component.code component.valueSampledData.origin component.valueSampledData.period component.valueSampledData.dimensions component.referenceRange>referenceRange',
  ObservationDefinition: 'code',
  OperationDefinition:
    'name status kind useContext.code useContext.value[x] code system type instance parameter.name parameter.use parameter.min parameter.max parameter.binding.strength parameter.binding.valueSet parameter.referencedFrom.source parameter.part>parameter',
  OperationOutcome: 'issue issue.severity issue.code',
  Organization: '',
  OrganizationAffiliation: '',
  Parameters:
    'parameter.name parameter.valueAnnotation.text parameter.valueSampledData.origin parameter.valueSampledData.period parameter.valueSampledData.dimensions parameter.valueSignature.type parameter.valueSignature.when parameter.valueSignature.who parameter.valueContributor.type parameter.valueContributor.name parameter.valueDataRequirement.type parameter.valueExpression.language parameter.valueParameterDefinition.use parameter.valueParameterDefinition.type parameter.valueRelatedArtifact.type parameter.valueTriggerDefinition.type parameter.valueUsageContext.code parameter.valueUsageContext.value[x] parameter.part>parameter',
  Patient: 'communication.language link.other link.type',
  PaymentNotice: 'status created payment recipient amount',
  PaymentReconciliation: 'status created paymentDate paymentAmount detail.type',
  Person: 'link.target',
  PlanDefinition:
    'status useContext.code useContext.value[x] relatedArtifact.type goal.description goal.documentation.type action.documentation.type action.trigger.type action.condition.kind action.condition.expression.language action.input.type action.output.type action.relatedAction.actionId action.relatedAction.relationship action.participant.type action.dynamicValue.expression.language action.action>action',
  Practitioner: 'qualification.code',
  PractitionerRole: 'notAvailable.description',
  Procedure: 'status subject performer.actor note.text focalDevice.manipulated',
  Provenance:
    'target recorded agent agent.who entity.role entity.what signature.type signature.when signature.who entity.agent>agent',
  Questionnaire:
    'status useContext.code useContext.value[x] item.linkId item.type item.enableWhen.question item.enableWhen.operator item.enableWhen.answer[x] item.answerOption.value[x] item.initial.value[x] item.item>item',
  QuestionnaireResponse: 'status item.linkId item.answer.item>item item.item>item',
  RelatedPerson: 'patient communication.language',
  RequestGroup:
    'status intent note.text action.documentation.type action.condition.kind action.condition.expression.language action.relatedAction.actionId action.relatedAction.relationship action.action>action',
  ResearchDefinition: 'status useContext.code useContext.value[x] relatedArtifact.type population',
  ResearchElementDefinition:
    'status useContext.code useContext.value[x] relatedArtifact.type type characteristic characteristic.definition[x] characteristic.definitionExpression.language characteristic.definitionDataRequirement.type characteristic.usageContext.code characteristic.usageContext.value[x]',
  ResearchStudy: 'status relatedArtifact.type note.text arm.name associatedParty.role progressStatus.state comparisonGroup.name',
  ResearchSubject: 'status study individual',
  RiskAssessment: 'status subject note.text',
  RiskEvidenceSynthesis:
    'status note.text useContext.code useContext.value[x] relatedArtifact.type population outcome certainty.note.text certainty.certaintySubcomponent.note.text',
  Schedule: 'actor',
  SearchParameter:
    'url name status description useContext.code useContext.value[x] code base type component.definition component.expression',
  ServiceRequest: 'status intent subject note.text',
  Slot: 'schedule status start end',
  Specimen: 'note.text',
  SpecimenDefinition: 'typeTested.preference typeTested.container.additive.additive[x]',
  StructureDefinition:
    'url name status useContext.code useContext.value[x] mapping.identity kind abstract context.type context.expression type snapshot.element snapshot.element.path differential.element differential.element.path',
  StructureMap:
    'url name status useContext.code useContext.value[x] structure.url structure.mode group group.name group.typeMode group.input group.input.name group.input.mode group.rule group.rule.name group.rule.source group.rule.source.context group.rule.source.defaultValueAnnotation.text group.rule.source.defaultValueSampledData.origin group.rule.source.defaultValueSampledData.period group.rule.source.defaultValueSampledData.dimensions group.rule.source.defaultValueSignature.type group.rule.source.defaultValueSignature.when group.rule.source.defaultValueSignature.who group.rule.source.defaultValueContributor.type group.rule.source.defaultValueContributor.name group.rule.source.defaultValueDataRequirement.type group.rule.source.defaultValueExpression.language group.rule.source.defaultValueParameterDefinition.use group.rule.source.defaultValueParameterDefinition.type group.rule.source.defaultValueRelatedArtifact.type group.rule.source.defaultValueTriggerDefinition.type group.rule.source.defaultValueUsageContext.code group.rule.source.defaultValueUsageContext.value[x] group.rule.target.parameter.value[x] group.rule.dependent.name group.rule.dependent.variable group.rule.rule>group.rule',
  Subscription: 'status reason criteria channel channel.type',
  SubscriptionStatus: 'type notificationEvent.eventNumber subscription',
  Substance: 'code ingredient.substance[x]',
  SubstanceNucleicAcid: '',
  SubstancePolymer: '',
  SubstanceProtein: '',
  SubstanceReferenceInformation: '',
  SubstanceSourceMaterial: '',
  SubstanceSpecification:
    'name.name structure.molecularWeight>structure.isotope.molecularWeight name.synonym>name name.translation>name molecularWeight>structure.isotope.molecularWeight',
  SupplyDelivery: '',
  SupplyRequest: 'item[x] quantity',
  Task: 'status intent note.text input.type input.value[x] input.valueAnnotation.text input.valueSampledData.origin input.valueSampledData.period input.valueSampledData.dimensions input.valueSignature.type input.valueSignature.when input.valueSignature.who input.valueContributor.type input.valueContributor.name input.valueDataRequirement.type input.valueExpression.language input.valueParameterDefinition.use input.valueParameterDefinition.type input.valueRelatedArtifact.type input.valueTriggerDefinition.type input.valueUsageContext.code input.valueUsageContext.value[x] output.type output.value[x] output.valueAnnotation.text output.valueSampledData.origin output.valueSampledData.period output.valueSampledData.dimensions output.valueSignature.type output.valueSignature.when output.valueSignature.who output.valueContributor.type output.valueContributor.name output.valueDataRequirement.type output.valueExpression.language output.valueParameterDefinition.use output.valueParameterDefinition.type output.valueRelatedArtifact.type output.valueTriggerDefinition.type output.valueUsageContext.code output.valueUsageContext.value[x]',
  TerminologyCapabilities:
    'status date useContext.code useContext.value[x] kind software.name implementation.description codeSystem.version.filter.code codeSystem.version.filter.op expansion.parameter.name validateCode.translations translation.needsMap',
  TestReport:
    'status testScript result participant.type participant.uri setup.action setup.action.operation.result setup.action.assert.result test.action teardown.action teardown.action.operation test.action.operation>setup.action.operation test.action.assert>setup.action.assert teardown.action.operation>setup.action.operation',
  TestScript:
    'url name status useContext.code useContext.value[x] origin.index origin.profile destination.index destination.profile metadata.link.url metadata.capability metadata.capability.required metadata.capability.validated metadata.capability.capabilities fixture.autocreate fixture.autodelete variable.name setup.action setup.action.operation.encodeRequestUrl setup.action.operation.requestHeader.field setup.action.operation.requestHeader.value setup.action.assert.warningOnly test.action teardown.action teardown.action.operation test.action.operation>setup.action.operation test.action.assert>setup.action.assert teardown.action.operation>setup.action.operation',
  ValueSet:
    'status useContext.code useContext.value[x] compose.include compose.include.concept.code compose.include.concept.designation.value compose.include.filter.property compose.include.filter.op compose.include.filter.value expansion.timestamp expansion.parameter.name compose.exclude>compose.include expansion.contains.designation>compose.include.concept.designation expansion.contains.contains>expansion.contains',
  VerificationResult:
    'status attestation.proxySignature.type attestation.proxySignature.when attestation.proxySignature.who attestation.sourceSignature.type attestation.sourceSignature.when attestation.sourceSignature.who validator.organization validator.attestationSignature.type validator.attestationSignature.when validator.attestationSignature.who',
  VisionPrescription:
    'status created patient dateWritten prescriber lensSpecification lensSpecification.product lensSpecification.eye lensSpecification.prism.amount lensSpecification.prism.base lensSpecification.note.text',
}
