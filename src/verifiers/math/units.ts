/**
 * Units of measure: which words are units, and how two of the same dimension convert.
 * A unit only one side names is dropped ("5 cm" is 5); two different ones must agree after conversion.
 * Left out: conversion between temperature scales, which takes more than a factor, and compound units beyond words joined by "per".
 */
import { apply, integer, type Node, symbol } from './node.ts'

const FACTORS: Record<string, Record<string, number>> = {
  length: { mm: 1e-3, cm: 1e-2, dm: 0.1, m: 1, km: 1e3, in: 0.0254, ft: 0.3048, yd: 0.9144, mi: 1609.344 },
  mass: { mg: 1e-3, g: 1, kg: 1e3, t: 1e6, oz: 28.349523125, lb: 453.59237 },
  time: { ms: 1e-3, s: 1, min: 60, h: 3600, day: 86_400, week: 604_800 },
  volume: { ml: 1e-3, l: 1, gal: 3.785411784 },
  calendar: { month: 1, year: 12 },
  money: { cent: 0.01, dollar: 1 },
  data: { kb: 1e-3, mb: 1, gb: 1e3, tb: 1e6 },
  angle: { rad: 1 },
  celsius: { celsius: 1 },
  fahrenheit: { fahrenheit: 1 },
  kelvin: { K: 1 },
  force: { N: 1, kN: 1e3 },
  energy: { J: 1, kJ: 1e3 },
  power: { W: 1, kW: 1e3 },
  voltage: { V: 1, mV: 1e-3 },
  current: { A: 1, mA: 1e-3 },
  charge: { C: 1 },
  capacitance: { F: 1 },
  morning: { am: 1 },
  afternoon: { pm: 1 },
}

const ALIASES: Record<string, string> = {
  millimeter: 'mm',
  millimetre: 'mm',
  centimeter: 'cm',
  centimetre: 'cm',
  decimeter: 'dm',
  decimetre: 'dm',
  meter: 'm',
  metre: 'm',
  kilometer: 'km',
  kilometre: 'km',
  inch: 'in',
  inches: 'in',
  foot: 'ft',
  feet: 'ft',
  yard: 'yd',
  mile: 'mi',
  miligram: 'mg',
  milligram: 'mg',
  gram: 'g',
  kilogram: 'kg',
  kilo: 'kg',
  ton: 't',
  tonne: 't',
  ounce: 'oz',
  pound: 'lb',
  lbs: 'lb',
  millisecond: 'ms',
  second: 's',
  sec: 's',
  secs: 's',
  minute: 'min',
  mins: 'min',
  hour: 'h',
  hr: 'h',
  hrs: 'h',
  milliliter: 'ml',
  millilitre: 'ml',
  mL: 'ml',
  liter: 'l',
  litre: 'l',
  L: 'l',
  gallon: 'gal',
  'a.m': 'am',
  'p.m': 'pm',
  cents: 'cent',
  dollars: 'dollar',
  usd: 'dollar',
  USD: 'dollar',
  yr: 'year',
  radian: 'rad',
  kelvin: 'K',
  newton: 'N',
  joule: 'J',
  watt: 'W',
  volt: 'V',
  amp: 'A',
  ampere: 'A',
  coulomb: 'C',
  farad: 'F',
}

/** Words that follow a number without changing it and convert to nothing. */
const NEUTRAL = new Set('unit units degree degrees deg mph kph kmh km/h m/s sq hz mol percent pct'.split(' '))
const SHAPES: Record<string, number> = { square: 2, sq: 2, squared: 2, cubic: 3, cu: 3, cubed: 3 }

export interface Unit {
  dimension: string
  factor: number
}

/** `cm` for `centimeters`; null where the word is no unit known here. */
function base(word: string): string | null {
  const plain = word.replace(/\.$/, '')
  for (const form of [plain, plain.toLowerCase(), plain.toLowerCase().replace(/s$/, '')]) {
    const name = ALIASES[form] ?? form
    if (Object.values(FACTORS).some((table) => Object.hasOwn(table, name))) return name
  }
  return null
}

/** Is this run of letters surely a unit when it stands right after a number? */
export function isUnitWord(word: string): boolean {
  return base(word) !== null || NEUTRAL.has(word.toLowerCase())
}

/** One word for what others write as two. */
const SPEEDS: Record<string, string> = { mph: 'mi/h', kph: 'km/h', kmh: 'km/h' }
const TEMPERATURE = /^(?:°|degrees? )([CF])(?:elsius|ahrenheit)?$/i

/** Reads `cm^2`, `square feet`, `km per hour`; null for words that name no known measure, such as `apples`. */
export function readUnit(text: string): Unit | null {
  const [top, ...bottoms] = text
    .replace(/[{}()\\~$]/g, ' ')
    .trim()
    .replace(TEMPERATURE, (_, scale: string) => (/c/i.test(scale) ? 'celsius' : 'fahrenheit'))
    .replace(/^(?:mph|kph|kmh)$/i, (speed) => SPEEDS[speed.toLowerCase()]!)
    .split(/\/| per | an? /)
  const unit = readProduct(top ?? '')
  if (!unit) return null
  for (const bottom of bottoms) {
    const below = readProduct(bottom)
    if (!below) return null
    unit.dimension += `/${below.dimension}`
    unit.factor /= below.factor
  }
  return unit
}

/** A time of day, whose digits are no fraction. */
export const isClock = (unit: Unit): boolean => unit.dimension === 'morning' || unit.dimension === 'afternoon'

/** Degrees inside a trigonometric function are angles: sin 30° is 1/2. */
export function inRadians(node: Node): Node {
  if (node.kind !== 'apply') return node
  if (node.op === 'degree')
    return apply('multiply', node.args[0]!, apply('divide', symbol('pi'), integer(180)))
  return { ...node, args: node.args.map(inRadians) }
}

/** How many of the smaller unit make the larger, 60 for hours and minutes; null where that is no whole number above 1. */
export function wholeParts(larger: string, smaller: string): number | null {
  const [one, two] = [readUnit(larger), readUnit(smaller)]
  if (!one || one.dimension !== two?.dimension) return null
  const times = Math.round(one.factor / two.factor)
  return times > 1 && Math.abs(one.factor / two.factor - times) < 1e-9 * times ? times : null
}

function readProduct(text: string): Unit | null {
  let exponent = 1
  let name: string | null = null
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, letters = '', digits = ''] = /^([A-Za-z.]*)\^?(\d*)$/.exec(word) ?? []
    if (letters === '' && digits !== '' && name) exponent = Number(digits)
    else if (SHAPES[letters.toLowerCase()] !== undefined) exponent = SHAPES[letters.toLowerCase()]!
    else if (name === null && base(letters) !== null) {
      name = base(letters)
      if (digits) exponent = Number(digits)
    } else return null
  }
  if (name === null) return null
  const unit = name
  const [dimension, table] = Object.entries(FACTORS).find(([, names]) => Object.hasOwn(names, unit))!
  if (exponent > 9) return null
  return {
    dimension: exponent === 1 ? dimension : `${dimension}^${exponent}`,
    factor: table[unit]! ** exponent,
  }
}
