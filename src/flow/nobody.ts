/** Records that belong to no patient: organisations, places, staff, forms. */
export const NOBODY = ''
