/** Python's `strftime` in English, of the fields that chat templates write. */
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const two = (n: number) => String(n).padStart(2, '0')

const FIELDS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getFullYear()),
  y: (date) => two(date.getFullYear() % 100),
  m: (date) => two(date.getMonth() + 1),
  d: (date) => two(date.getDate()),
  b: (date) => MONTHS[date.getMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getMonth()]!,
  a: (date) => DAYS[date.getDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getDay()]!,
  H: (date) => two(date.getHours()),
  I: (date) => two(date.getHours() % 12 || 12),
  M: (date) => two(date.getMinutes()),
  S: (date) => two(date.getSeconds()),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  '%': () => '%',
}

/** A field that is not known stays as it is. */
export const strftime = (date: Date, format: string): string =>
  format.replace(/%(-?)([a-zA-Z%])/g, (field, unpadded: string, name: string) => {
    const text = FIELDS[name]?.(date)
    return text === undefined ? field : unpadded === '-' ? text.replace(/^0/, '') : text
  })
