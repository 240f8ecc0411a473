import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Chart, chartsSvg, movingAverage, type Point } from './line-chart.ts'
import { escapeXml } from './svg.ts'
import { niceAxis, ticksWithin } from './ticks.ts'

const chart = (points: readonly Point[], rest: Partial<Chart> = {}): Chart => ({
  title: 'title',
  xLabel: 'x',
  yLabel: 'y',
  yFormat: String,
  series: [{ name: 'series', color: '#000000', points }],
  ...rest,
})
const numbers = /(?<![\w-])(?:x|y|x1|x2|y1|y2|cx|cy|width|height|points)="([^"]*)"/g

/** Every coordinate of the picture. */
const coordinates = (svg: string) =>
  [...svg.matchAll(numbers)].flatMap(([, value]) => value!.split(/[ ,]/).map(Number))

describe('chartsSvg', () => {
  it('is the same for the same data', () => {
    const data: Point[] = [
      [0, 0.2],
      [10, 0.5],
      [20, 0.7],
    ]
    expect(chartsSvg([chart(data)])).toBe(chartsSvg([chart(data)]))
  })

  it('draws marks where the data are', () => {
    const svg = chartsSvg([
      chart(
        [
          [0, 0],
          [10, 5],
          [20, 10],
        ],
        {
          series: [
            {
              name: 's',
              color: '#123456',
              markers: 'circle',
              points: [
                [0, 0],
                [10, 5],
                [20, 10],
              ],
            },
          ],
        },
      ),
    ])
    const centres = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)]
      .slice(1)
      .map(([, x, y]) => [Number(x), Number(y)])
    expect(centres).toEqual([
      [76, 362],
      [319, 227],
      [562, 92],
    ])
    expect(svg).toMatch(/>10<\/text>\s*$/m)
  })

  it('escapes text everywhere', () => {
    const evil = `<script>&"'\u0000`
    const svg = chartsSvg([
      chart([[0, 1]], {
        title: evil,
        subtitle: evil,
        xLabel: evil,
        yLabel: evil,
        series: [
          {
            name: evil,
            color: '#000000',
            points: [
              [0, 1],
              [1, 1],
            ],
          },
        ],
      }),
    ])
    expect(svg).not.toContain('<script')
    expect(svg).not.toContain('\u0000')
    expect(svg.match(/&lt;script&gt;&amp;&quot;&#39;/g)).toHaveLength(6)
  })

  it.each<[string, Point[]]>([
    ['nothing', []],
    ['one point', [[5, 0.5]]],
    [
      'zeros',
      [
        [0, 0],
        [1, 0],
      ],
    ],
    [
      'not numbers',
      [
        [0, Number.NaN],
        [1, 2],
        [2, Number.POSITIVE_INFINITY],
      ],
    ],
    [
      'negative values',
      [
        [0, -3],
        [1, 2],
      ],
    ],
  ])('stands %s', (_, points) => {
    const svg = chartsSvg([chart(points)])
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    if (points.length === 0) expect(svg).toMatch(/no data yet/)
  })

  it('stays on its card whatever the data', () => {
    const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20_000), value), { maxLength: 30 }),
        fc.nat(9),
        (points, smooth) => {
          const svg = chartsSvg([
            chart(points, { series: [{ name: 's', color: '#000000', points, smooth }] }),
          ])
          for (const number of coordinates(svg)) expect(number >= -0.01 && number <= 620).toBe(true)
        },
      ),
      {
        examples: [
          [
            [
              [0, -Number.MIN_VALUE],
              [0, Number.MIN_VALUE],
            ],
            0,
          ],
        ],
      },
    )
  })
})

it('escapeXml leaves out what XML forbids', () => {
  expect(escapeXml('a\u0001b\ud800c\n😀')).toBe('abc\n😀')
})

describe('movingAverage', () => {
  it('keeps the ends and straight lines', () => {
    const line = Array.from({ length: 9 }, (_, i): Point => [i, 2 * i])
    expect(movingAverage(line, 5)).toEqual(line)
    expect(
      movingAverage(
        [
          [0, 0],
          [1, 3],
          [2, 0],
        ],
        3,
      ),
    ).toEqual([
      [0, 0],
      [1, 1],
      [2, 0],
    ])
  })
})

describe('axes', () => {
  it.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 0.83, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 118, 5, [0, 25, 50, 75, 100, 125]],
    [0, 12_000, 5, [0, 2500, 5000, 7500, 10_000, 12_500]],
    [0, 0, 5, [0, 0.2]],
    [-3, 2, 5, [-3, -2, -1, 0, 1, 2]],
  ])('niceAxis(%d, %d, %d)', (low, high, count, ticks) => {
    expect(niceAxis(low, high, count).ticks).toEqual(ticks)
  })

  it('has whole steps when asked', () => {
    expect(ticksWithin(1, 3, 6, true).ticks).toEqual([1, 2, 3])
    expect(ticksWithin(0, 25, 6, true).ticks).toEqual([0, 5, 10, 15, 20, 25])
  })

  it('covers its data with two to twelve even ticks', () => {
    const value = fc.double({ noNaN: true, min: -1e6, max: 1e6 })
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        if (high - low < 1e-6 * Math.max(1, Math.abs(low))) return
        const axis = niceAxis(low, high, 5)
        const slack = 1e-6 * (axis.high - axis.low)
        expect(axis.low <= low + slack && axis.high >= high - slack).toBe(true)
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2)
        expect(axis.ticks.length).toBeLessThanOrEqual(12)
      }),
    )
  })
})
