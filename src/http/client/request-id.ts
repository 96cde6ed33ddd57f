/** What begins something, under its own id or a fresh one: sent again because the answer was lost, it begins nothing more. */
export function once<Request extends { readonly id?: string }>(
  kind: string,
  request: Request,
): Request & { readonly id: string } {
  return { ...request, id: request.id ?? `${kind}_${random()}` }
}

// in the form of a UUID, as a runtime's own; not by randomUUID: pages that came over plain HTTP have none
function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
