/** Colours of the charts: told apart by people who see few colours, and on both grounds. @see Okabe and Ito */
export const HUES = ['#0b7285', '#e69f00', '#7a5195', '#009e73', '#d55e00', '#56b4e9', '#8c8c8c'] as const
