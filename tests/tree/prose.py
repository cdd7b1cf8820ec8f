"""Just enough reading of English: the sentences of comments and of Markdown pages, with the lines that they stand in.

A paragraph ends at a blank line, at a row of a table, at the next item of a list and at a tag (@param). What a reader takes in at
one look counts as one word: `code`, a link, and several names in a row (RMQ_ERROR_CLOSED, RMQ_ERROR_MEMORY or NULL).
"""
import dataclasses
import re

_TRAILING = re.compile(r'^((?:[^"/]|"(?:\\.|[^"\\])*"|/(?![/*]))*)(//+[!<]*|/\*+)\s?')
_WHOLE = re.compile(r"^\s*(//+[!<]*|/\*+|\*(?!/))\s?")
_STARTS_PARAGRAPH = re.compile(r"(@\w+|[-*+] |\d+[.)] |-> |\|)")
_SKIPPED = re.compile(r"(#|\||```|={3,}|-{3,}|\*?/?$)")
_END = re.compile(r"""(?<=[.!?])(?:(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<!etc\.))["')\]*`]*\s+|(?<=[.!?]["')\]])\s+""")
_NAME = r"(?:`[^`]*`|[A-Z][A-Z0-9]*_[A-Z0-9_]+|rmq_\w+)"
_NAMES = re.compile(rf"{_NAME}(?:(?:,| and| or|, and|, or|;) {_NAME})*")


@dataclasses.dataclass
class Paragraph:
    first: int  # line numbers, from 1
    last: int
    text: str


@dataclasses.dataclass(frozen=True)
class Sentence:
    line: int  # of the paragraph's start
    text: str
    words: int


class _Collector:
    def __init__(self):
        self.paragraphs = []
        self._open = False

    def end(self):
        self._open = False

    def add(self, line, text):
        text = text.strip()
        is_row = re.search(r"\S {2,}\S", text) is not None
        if not text or _SKIPPED.match(text):
            self.end()
            return
        if not self._open or is_row or _STARTS_PARAGRAPH.match(text):
            self.paragraphs.append(Paragraph(line, line, text))
        else:
            self.paragraphs[-1].last = line
            self.paragraphs[-1].text += " " + text
        self._open = True


def _comment_of(line, in_block):
    """(comment text or None, column where it starts, whether code stands before it, whether a block comment stays open)."""
    if in_block:
        match = re.match(r"^\s*\*?(?!/)\s?", line)
        column, trailing, text = 0, False, line[match.end():] if match else line
    else:
        match = _WHOLE.match(line) if re.match(r"\s*(//|/\*)", line) else None
        trailing = match is None
        match = match or _TRAILING.match(line)
        if not match:
            return None, 0, False, False
        opener = match.group(match.lastindex)
        column, text = match.start(match.lastindex), line[match.end():]
        in_block = opener.startswith("/*")
    if in_block and "*/" in text:
        return text.split("*/")[0], column, trailing, False
    return text, column, trailing, in_block


def code_paragraphs(text):
    """The paragraphs of the comments of C and C++."""
    found, in_block, column = _Collector(), False, None
    for number, line in enumerate(text.splitlines(), 1):
        was_in_block = in_block
        comment, start, trailing, in_block = _comment_of(line, in_block)
        if comment is None:
            found.end()
            column = None
            continue
        if not was_in_block:
            # A comment beside code goes on only in a comment below it that starts in the same column.
            if trailing or (column is not None and column != start):
                found.end()
            column = start
        found.add(number, comment)
    return found.paragraphs


def page_paragraphs(text):
    """The paragraphs of a Markdown page; tables and examples are passed over."""
    found, in_example = _Collector(), False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith("```"):
            in_example = not in_example
        if in_example or line.strip().startswith("<!--"):
            found.end()
        else:
            found.add(number, line)
    return found.paragraphs


def split(text):
    """The sentences of a paragraph."""
    return [sentence for sentence in _END.split(text) if sentence]


def count_words(sentence):
    sentence = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", "link", sentence)
    sentence = re.sub(r"^(?:[-*+] |\d+[.)] |@\w+ +)+", "", _NAMES.sub("name", sentence))
    return len([word for word in sentence.split() if re.search(r"\w", word)])


def sentences(paragraphs):
    for paragraph in paragraphs:
        # A tag's list ("@return RMQ_OK; RMQ_ERROR_CLOSED when ...; ...") is read item by item.
        text = re.sub(r";(?= )", ".", paragraph.text) if paragraph.text.startswith("@") else paragraph.text
        for sentence in split(text):
            yield Sentence(paragraph.first, sentence, count_words(sentence))
