import { describe, expect, it } from 'vitest'
import { barChartSvg } from './bar-chart.ts'

const bars = (svg: string) =>
  [...svg.matchAll(/<rect x="[\d.]+" y="([\d.]+)" width="23" height="([\d.]+)"[^>]*fill="([^"]+)"/g)].map(
    ([, y, height, fill]) => ({ y: Number(y), height: Number(height), fill }),
  )

describe('barChartSvg', () => {
  const chart = {
    title: 'a < b',
    groups: ['AIME 2024', 'MATH-500'],
    series: [
      { name: 'ours', values: [50, null], highlighted: true, intervals: [{ low: 40, high: 60 }, null] },
      { name: 'R1', values: [100, 25] },
    ],
  }

  it('draws bars as high as their values, none for null', () => {
    const drawn = bars(barChartSvg(chart))
    expect(drawn.map(({ height }) => height)).toEqual([130, 260, 65])
    expect(drawn.every(({ y, height }) => y + height === drawn[0]!.y + 130)).toBe(true)
    expect(drawn[0]!.fill).toBe('url(#hatch0)')
  })

  it('prints values, groups, names and whiskers, escaped', () => {
    const svg = barChartSvg(chart)
    for (const label of ['50.0', '100.0', '25.0', 'AIME 2024', 'ours', 'a &lt; b'])
      expect(svg).toContain(label)
    expect(svg.match(/stroke-width="1.4"/g)).toHaveLength(1)
    expect(svg).not.toContain('a < b')
  })

  it('keeps the same text for the same chart, and a chart without bars whole', () => {
    expect(barChartSvg(chart)).toBe(barChartSvg(chart))
    expect(barChartSvg({ title: 't', groups: [], series: [] })).toMatch(/^<svg[\s\S]*<\/svg>\n$/)
  })
})
