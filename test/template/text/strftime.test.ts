import { describe, expect, it } from 'vitest'
import { dateOfTimestamp, readDate, type WrittenDate } from '../../../src/template/text/dates.ts'
import { describeFormatFault, formatDate, knownDirectives } from '../../../src/template/text/strftime.ts'

const written = (text: string, format: string) => formatDate(readDate(text) as WrittenDate, format)

describe('directives', () => {
  const MOMENT = '2026-01-03T15:04:09.852966+05:30'
  it.each([
    ['%Y %y %C', '2026 26 20'],
    ['%m %B %b %h', '01 January Jan Jan'],
    ['%d %e %j', '03  3 003'],
    ['%A %a %u %w', 'Saturday Sat 6 6'],
    ['%G-W%V-%u %g %U %W', '2026-W01-6 26 00 00'],
    ['%H %k %I %l %M %S %f', '15 15 03  3 04 09 852966'],
    ['%p %P %s', 'PM pm 1767432849'],
    ['%z %:z %Z', '+0530 +05:30 +0530'],
    ['%c|%x|%X', 'Sat Jan  3 15:04:09 2026|01/03/26|15:04:09'],
    ['%D %F %R %T %r', '01/03/26 2026-01-03 15:04 15:04:09 03:04:09 PM'],
    ['%n%t%%', '\n\t%'],
    ['%-d %-j %_m %0e %^a %-e %%d', '3 3  1 03 SAT 3 %d'],
  ])('%s', (format, expected) => expect(written(MOMENT, format)).toBe(expected))

  it('are all tried', () => {
    expect(knownDirectives().join('')).toBe(
      '%Y%y%C%m%B%b%h%d%e%j%A%a%u%w%G%g%V%U%W%H%k%I%l%M%S%f%p%P%s%z%:z%Z%c%x%X%D%F%R%T%r%n%t%%',
    )
  })

  it.each([
    ['2021-01-03', '2020-W53 01 00'],
    ['2024-12-30', '2025-W01 52 53'],
    ['2023-01-01', '2022-W52 01 00'],
    ['2026-12-31', '2026-W53 52 52'],
    ['0050-03-01', '0050-W09 09 09'],
  ])('of weeks at %s', (date, expected) => expect(written(date, '%G-W%V %U %W')).toBe(expected))

  it.each([
    ['2026-11-25', '1795564800'],
    ['2026-11-25T01:00:00+01:00', '1795564800'],
    ['2026-11-24T23:30:00-00:30', '1795564800'],
  ])('of seconds since 1970 at %s', (date, expected) => expect(written(date, '%s')).toBe(expected))

  it('have nothing to write about a zone that is not known', () => {
    expect(written('2026-11-25', '[%z%Z]')).toBe('[]')
    expect(written('2026-11-25T10:00Z', '%z %Z')).toBe('+0000 UTC')
  })
})

describe('a format', () => {
  it.each([
    ['%Q', "there is no directive '%Q' (a percent sign is written %%)"],
    ['%Y %', "there is no directive '%' (a percent sign is written %%)"],
    ['%Y 50% off', "there is no directive '%' (a percent sign is written %%)"],
    ['YYYY-MM-DD', "expected a format with directives such as %Y, got 'YYYY-MM-DD'"],
    ['', "expected a format with directives such as %Y, got ''"],
  ])('%j has a fault', (format, fault) => expect(describeFormatFault(format)).toBe(fault))

  it.each(['%Y', '100%% %d', '%-d.%-m.'])('%j has none', (format) =>
    expect(describeFormatFault(format)).toBe(undefined),
  )
})

describe('a date', () => {
  it.each([
    '2026-02-28',
    '2024-02-29',
    '2000-02-29T23:59:60Z',
    ' 2026-11-25 10:00 ',
    '2026-11-25T10:00:00,5+01',
    '2026-11-25t10:00z',
  ])('can be %j', (text) => expect(readDate(text)).toBeTypeOf('object'))

  it.each([
    ['2026-02-30', 'expected a day from 01 to 28, the last day of that month'],
    ['2024-02-30', 'expected a day from 01 to 29, the last day of that month'],
    ['1900-02-29', 'expected a day from 01 to 28, the last day of that month'],
    ['2026-12-32', 'expected a day from 01 to 31, the last day of that month'],
    ['2026-04-00', 'expected a day from 01 to 30, the last day of that month'],
    ['2026-13-01', 'expected a month from 01 to 12'],
    ['2026-00-01', 'expected a month from 01 to 12'],
    ['2026-11-25T24:00:00Z', 'expected a time from 00:00:00 to 23:59:59'],
    ['2026-11-25T10:00+25:00', 'expected an offset of at most 23:59 hours'],
    ['25.11.2026', 'expected a date such as 2026-11-25 or 2026-11-25T10:30:00Z'],
    ['2026-11-25T10:00:00Z and more', 'expected a date such as 2026-11-25 or 2026-11-25T10:30:00Z'],
  ])('cannot be %j', (text, problem) => expect(readDate(text)).toBe(problem))

  it('can be a number of milliseconds of the years that have four digits', () => {
    expect(dateOfTimestamp(1_700_000_000_000)).toMatchObject({ year: 2023, month: 11, day: 14, zone: '+0000' })
    expect(dateOfTimestamp(1.7e15)).toBe(undefined)
    expect(dateOfTimestamp(1e300)).toBe(undefined)
  })
})
