/** Whether an address has neither a user nor a password in it: both would be told wherever the address is. */
export function holdsNobody(url: string): boolean {
  const { username = '', password = '' } = URL.parse(url) ?? {}
  return username === '' && password === ''
}
