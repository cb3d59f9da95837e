// In: the address of the database. Out: the same address, for a connection that can see only what its asker may see.
// Never: gives more rights than reading what is shown.

/**
 * Connections that run as `gateway_reader`, for whom the audience is a policy of the database itself (migration 0004). Every
 * partner-facing read goes through these; a query that forgot the audience shows nothing there.
 */
export const readerUrl = (url: string): string => {
  const address = new URL(url)
  address.searchParams.set('options', '-c role=gateway_reader -c timezone=UTC -c datestyle=ISO -c jit=off')
  return address.href
}
