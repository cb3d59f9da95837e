import { z } from 'zod'
import { base, codeOf, day, duplicateKeys, id, text } from './fields.ts'
import { diagnosis, goalDomain, serviceNeed, staffRole } from './tables.ts'

const key = id
const goalStatus = z.enum(['proposed', 'planned', 'accepted', 'active', 'on-hold', 'completed', 'cancelled', 'rejected'])
const achievement = z.enum([
  'in-progress',
  'improving',
  'worsening',
  'no-change',
  'achieved',
  'sustaining',
  'not-achieved',
  'no-progress',
  'not-attainable',
])
const frequency = z.enum(['weekly', 'bi-weekly', 'monthly'])

/** The treatment plan that client and case manager write together. Seeds 000:117-119 and 419-469; 002:333-422. */
export const treatmentPlanSchema = z
  .strictObject({
    ...base,
    enrolmentId: id.optional(),
    replaces: id.optional(),
    status: z.enum(['draft', 'active', 'on-hold', 'completed', 'revoked']),
    created: day,
    author: id,
    start: day,
    end: day.optional(),
    frequency: frequency.optional(),
    location: text.optional(),
    summary: text.optional(),
    agreedByClientOn: day.optional(),
    reviewedOn: day.optional(),
    peerFeedback: text.optional(),
    informationSources: z.array(text).min(1).max(10).optional(),
    diagnoses: z
      .array(
        z.strictObject({
          key,
          rank: z.enum(['primary', 'secondary', 'other']),
          code: codeOf(diagnosis).optional(),
          text,
          clinicalStatus: z.enum(['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved']),
          onset: day.optional(),
        }),
      )
      .max(20),
    providers: z
      .array(
        z.strictObject({
          key,
          prefix: text.optional(),
          given: text.optional(),
          family: text,
          role: codeOf(staffRole),
          organization: text.optional(),
        }),
      )
      .max(20),
    goals: z
      .array(
        z.strictObject({
          key,
          text,
          verbatim: text.optional(),
          domain: codeOf(goalDomain).optional(),
          status: goalStatus,
          achievement: achievement.optional(),
          start: day,
          due: day.optional(),
          diagnosisKeys: z.array(key).min(1).max(20).optional(),
        }),
      )
      .min(1)
      .max(20),
    objectives: z
      .array(
        z.strictObject({
          key,
          goalKey: key,
          text,
          status: goalStatus,
          achievement: achievement.optional(),
          start: day,
          due: day.optional(),
          measure: text.optional(),
        }),
      )
      .max(60),
    services: z
      .array(
        z.strictObject({
          key,
          need: codeOf(serviceNeed),
          text,
          status: z.enum(['draft', 'active', 'on-hold', 'completed', 'revoked']),
          goalKeys: z.array(key).min(1).max(20).optional(),
          objectiveKeys: z.array(key).min(1).max(20).optional(),
          providerKey: key.optional(),
          frequency: frequency.optional(),
          note: text.optional(),
        }),
      )
      .max(60),
    nextAppointment: z
      .strictObject({
        weekday: z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']),
        time: text.optional(),
        provider: text.optional(),
        location: text.optional(),
      })
      .optional(),
  })
  .superRefine((plan, ctx) => {
    const { diagnoses, providers, goals, objectives, services } = plan
    for (const at of duplicateKeys({ diagnoses, providers, goals, objectives, services }))
      ctx.addIssue({ code: 'custom', path: at.split('.'), message: 'must be used once only' })
    if (plan.end !== undefined && plan.end < plan.start)
      ctx.addIssue({ code: 'custom', path: ['end'], message: 'must not be before the start' })
    const has = (list: readonly { readonly key: string }[], wanted: string): boolean => list.some((entry) => entry.key === wanted)
    const check = (
      list: readonly { readonly key: string }[],
      wanted: readonly string[] | undefined,
      ...path: (string | number)[]
    ): void => {
      for (const [index, one] of (wanted ?? []).entries())
        if (!has(list, one)) ctx.addIssue({ code: 'custom', path: [...path, index], message: 'names no entry of this plan' })
    }
    for (const [i, goal] of goals.entries()) check(diagnoses, goal.diagnosisKeys, 'goals', i, 'diagnosisKeys')
    for (const [i, objective] of objectives.entries())
      if (!has(goals, objective.goalKey))
        ctx.addIssue({ code: 'custom', path: ['objectives', i, 'goalKey'], message: 'names no goal of this plan' })
    for (const [i, service] of services.entries()) {
      check(goals, service.goalKeys, 'services', i, 'goalKeys')
      check(objectives, service.objectiveKeys, 'services', i, 'objectiveKeys')
      if (service.providerKey !== undefined && !has(providers, service.providerKey))
        ctx.addIssue({ code: 'custom', path: ['services', i, 'providerKey'], message: 'names no provider of this plan' })
    }
  })
