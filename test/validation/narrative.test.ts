import { describe, expect, test } from '@jest/globals'
import { narrativeFault } from '../../src/validation/narrative.ts'

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`

describe('narrative', () => {
  test.each([
    ['plain words', div('Care plan')],
    [
      'a table',
      div('<table class="grid"><thead><tr><th>a</th></tr></thead><tbody><tr><td colspan="2">b</td></tr></tbody></table>'),
    ],
    ['links', div('<a href="https://example.org/x">x</a> <a href="#y">y</a> <a href="Patient/1">z</a>')],
    ['an image in the text', div('<img src="data:image/png;base64,AAAA" alt="x"/>')],
    ['character references', div('a &amp; b &lt; c &#160; &#x41;')],
    ['a comment', div('<!-- made by hand --> x')],
    ['a style', div('<p style="color: red; background-image: url(tbl_bck1.png)">x</p>')],
    ['a language', `<div xmlns="http://www.w3.org/1999/xhtml" lang="es" xml:lang="es">hola</div>`],
  ])('%s is allowed', (_, text) => {
    expect(narrativeFault(text)).toBeUndefined()
  })

  test.each([
    ['a script', div('<script>alert(1)</script>')],
    ['a script in capitals', div('<SCRIPT>alert(1)</SCRIPT>')],
    ['an event handler', div('<p onclick="alert(1)">x</p>')],
    ['a script as a link', div('<a href="javascript:alert(1)">x</a>')],
    ['a script as a link, disguised by a reference', div('<a href="java&#115;cript:alert(1)">x</a>')],
    ['a script as a link, disguised by a tab', div('<a href="java&#9;script:alert(1)">x</a>')],
    ['a script as a link, disguised by a name', div('<a href="javascript&colon;alert(1)">x</a>')],
    ['a page inside', div('<iframe src="https://example.org"></iframe>')],
    ['a form', div('<form action="/x"><input/></form>')],
    ['an object', div('<object data="x"></object>')],
    ['a style sheet', div('<style>p{}</style>')],
    ['a style that fetches', div('<p style="background: url(https://example.org/x.png)">x</p>')],
    ['a style that acts', div('<p style="width: expression(alert(1))">x</p>')],
    ['a style that hides behind an escape', div('<p style="background: u\\rl(https://example.org)">x</p>')],
    ['an image that is a document', div('<img src="data:image/svg+xml;base64,AAAA" alt="x"/>')],
    ['drawing', div('<svg><g/></svg>')],
    ['an attribute without quotes', div('<p class=x>y</p>')],
    ['another namespace', '<div xmlns="http://www.w3.org/2000/svg">x</div>'],
    ['no namespace', '<div>x</div>'],
    ['no div', '<p xmlns="http://www.w3.org/1999/xhtml">x</p>'],
    ['two divs', div('x') + div('y')],
    ['text after the div', `${div('x')} y`],
    ['an element not closed', div('<p>x')],
    ['elements that cross', div('<b><i>x</b></i>')],
    ['a stray angle', div('a < b')],
    ['a stray ampersand', div('a & b')],
    ['a processing instruction', div('<?php x ?>')],
    ['a CDATA section', div('<![CDATA[x]]>')],
    ['a document type', `<!DOCTYPE html>${div('x')}`],
    ['an attribute twice', div('<p class="a" class="b">x</p>')],
    ['nothing to read', div('  ')],
    ['only spaces that do not break', div('&nbsp;')],
    ['no text at all', 17],
  ])('%s is refused', (_, text) => {
    expect(narrativeFault(text)).toEqual(expect.any(String))
  })
})
