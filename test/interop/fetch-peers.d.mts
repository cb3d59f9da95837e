export const PEERS: string
