/** A resource as it came, before anyone has checked it: whatever its type asks for may be missing, at any depth. */
export type Loose<T> = T extends readonly (infer E)[]
  ? readonly Loose<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
    : T
