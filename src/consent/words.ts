import type { RecipientClass } from '../model/consent.ts'

type Words<K extends string = string> = Readonly<Record<'en' | 'es', Readonly<Record<K, string>>>>

/** v3-ActReason codes in plain words. */
export const PURPOSE_WORDS: Words = {
  en: {
    TREAT: 'treatment',
    COC: 'coordination of care',
    ETREAT: 'emergency treatment',
    HPAYMT: 'payment',
    HOPERAT: 'health care operations',
    CAREMGT: 'care management',
    HRESCH: 'research',
    PUBHLTH: 'public health',
    HLEGAL: 'a legal proceeding',
    PATRQT: 'at the request of the patient',
    ELIGDTRM: 'finding out what you are eligible for',
    HMARKT: 'marketing',
    FUNDRAISING: 'fundraising',
  },
  es: {
    TREAT: 'tratamiento',
    COC: 'coordinación de la atención',
    ETREAT: 'tratamiento de urgencia',
    HPAYMT: 'pago',
    HOPERAT: 'operaciones de atención médica',
    CAREMGT: 'gestión de la atención',
    HRESCH: 'investigación',
    PUBHLTH: 'salud pública',
    HLEGAL: 'un procedimiento legal',
    PATRQT: 'a petición del paciente',
    ELIGDTRM: 'determinar la elegibilidad',
    HMARKT: 'mercadotecnia',
    FUNDRAISING: 'recaudación de fondos',
  },
}

/** Sensitivity labels in plain words. */
export const LABEL_WORDS: Words = {
  en: {
    SUD: 'substance use',
    ETH: 'substance use',
    ETHUD: 'alcohol use',
    OPIOIDUD: 'opioid use',
    MH: 'mental health',
    PSY: 'psychiatric conditions',
    BH: 'behavioral health',
    HIV: 'HIV',
    STD: 'sexually transmitted infections',
    SEX: 'sexuality and reproductive health',
    SDV: 'sexual assault, abuse or domestic violence',
    VIO: 'violence',
    LIVARG: 'housing and living arrangements',
    GDIS: 'genetic conditions',
    JUSTICE: 'the justice system',
    'PROGRAM-IDENTITY': 'taking part in the programme',
  },
  es: {
    SUD: 'consumo de sustancias',
    ETH: 'consumo de sustancias',
    ETHUD: 'consumo de alcohol',
    OPIOIDUD: 'consumo de opioides',
    MH: 'salud mental',
    PSY: 'afecciones psiquiátricas',
    BH: 'salud conductual',
    HIV: 'VIH',
    STD: 'infecciones de transmisión sexual',
    SEX: 'sexualidad y salud reproductiva',
    SDV: 'agresión sexual, maltrato o violencia doméstica',
    VIO: 'violencia',
    LIVARG: 'vivienda y situación de vida',
    GDIS: 'afecciones genéticas',
    JUSTICE: 'el sistema de justicia',
    'PROGRAM-IDENTITY': 'participación en el programa',
  },
}

/** Resource types in plain words. */
export const TYPE_WORDS: Words = {
  en: {
    CarePlan: 'care plans',
    ServiceRequest: 'referrals',
    Task: 'referral status',
    Goal: 'goals',
    CareTeam: 'the care team',
    Condition: 'diagnoses and problems',
    Encounter: 'attendance',
    Appointment: 'appointments',
    Observation: 'observations and test results',
    MedicationRequest: 'medications',
    MedicationStatement: 'medications',
    QuestionnaireResponse: 'questionnaires',
    DocumentReference: 'documents',
    Patient: 'name and contact details',
    Communication: 'messages',
    EpisodeOfCare: 'enrolment',
    Procedure: 'services given',
  },
  es: {
    CarePlan: 'planes de atención',
    ServiceRequest: 'derivaciones',
    Task: 'estado de la derivación',
    Goal: 'metas',
    CareTeam: 'el equipo de atención',
    Condition: 'diagnósticos y problemas',
    Encounter: 'asistencia',
    Appointment: 'citas',
    Observation: 'observaciones y resultados',
    MedicationRequest: 'medicamentos',
    MedicationStatement: 'medicamentos',
    QuestionnaireResponse: 'cuestionarios',
    DocumentReference: 'documentos',
    Patient: 'nombre y datos de contacto',
    Communication: 'mensajes',
    EpisodeOfCare: 'inscripción',
    Procedure: 'servicios prestados',
  },
}

/** Classes of recipients in plain words. @law 42 CFR 2.31(a)(4)(i) */
export const CLASS_WORDS: Words<RecipientClass> = {
  en: {
    'treating-providers': "the patient's treating providers",
    'health-plans': 'health plans',
    'third-party-payers': 'third-party payers',
    'program-operations': 'people helping to operate the programme',
  },
  es: {
    'treating-providers': 'los proveedores que tratan al paciente',
    'health-plans': 'planes de salud',
    'third-party-payers': 'terceros pagadores',
    'program-operations': 'personas que ayudan a operar el programa',
  },
}
