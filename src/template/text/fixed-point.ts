/** A number with so many digits behind the point, as Python writes it: what lies exactly between two is rounded to the even one. */
export function fixed(number: number, places: number): string {
  if (Math.abs(number) >= 1e21) return `${BigInt(number)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`
  return (isTie(number, places) ? towardsEven(number, places) : number).toFixed(places)
}

function isTie(number: number, places: number): boolean {
  return Number.isInteger(number * 2 ** (places + 1)) && Math.abs((number * 10 ** places) % 1) === 0.5
}

function towardsEven(number: number, places: number): number {
  const below = Math.floor(number * 10 ** places)
  return (below % 2 === 0 ? below : below + 1) / 10 ** places
}
