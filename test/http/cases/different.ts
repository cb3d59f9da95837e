/** What the API answers otherwise than the room, and why; docs/adr/0040 argues each. */
export const DIFFERENT: Readonly<
  Record<string, { readonly expect: Readonly<Record<string, 'permit' | 'deny'>>; readonly why: string }>
> = {
  A06: {
    expect: { pending: 'permit' },
    why: 'a record that can be labelled is labelled in the transaction that takes it; none waits',
  },
  A10: { expect: { cp: 'deny' }, why: 'no setting says which forms counsel has mapped; without one the strict reading holds' },
  B05: { expect: { bup: 'deny' }, why: 'MedicationRequest is not served' },
  E05: { expect: { bup: 'deny' }, why: 'MedicationRequest is not served' },
  E06: { expect: { normal: 'deny' }, why: 'a record of a Part 2 programme is R, whatever it says' },
  E07: { expect: { normal: 'deny' }, why: 'a record of a Part 2 programme is R, whatever it says' },
  F09: { expect: { cp: 'permit' }, why: 'no setting says which forms are from before 2024' },
  F09a: { expect: { cp: 'deny' }, why: 'no setting says that counsel accepts forms from before 2024' },
  O01a: { expect: { hiv: 'deny' }, why: 'a gateway has one jurisdiction; this one is in Texas' },
}
