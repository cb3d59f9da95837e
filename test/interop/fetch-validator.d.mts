export const VALIDATOR: string
