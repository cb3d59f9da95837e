/** HL7 v2 messages that the gateway writes, by type and trigger event, as the agreement with a partner names them. */
export const V2_MESSAGES = [
  'REF^I12',
  'REF^I14',
  'REF^I15',
  'RRI^I12',
  'RRI^I13',
  'RRI^I14',
  'RRI^I15',
  'OMG^O19',
  'OSU^O51',
  'SIU^S12',
  'SIU^S13',
  'SIU^S14',
  'SIU^S15',
  'SIU^S17',
  'SIU^S26',
  'ADT^A01',
  'ADT^A03',
  'ADT^A04',
  'ADT^A08',
  'ORU^R01',
] as const

export type V2MessageName = (typeof V2_MESSAGES)[number]
