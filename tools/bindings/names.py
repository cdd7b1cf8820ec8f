"""How names of the headers are spelled in the languages."""
import collections
import textwrap

TOOL = "tools/make_bindings.py"

# Enumerations whose types are called otherwise than their tags, because users read these names most.
TYPE_NAMES = {
    "rmq_error_code": "code", "rmq_delay_level": "delay", "rmq_testbroker_code": "code",
}


def type_words(enumeration):
    """The words of an enumeration's type: "send_status"."""
    return TYPE_NAMES.get(enumeration.tag) or enumeration.tag.removeprefix("rmq_")


def group(enumeration):
    """What the names of the members begin with: "RMQ_SEND_". It is one word, or more if the tag has the same words."""
    names = [name for name in (member.name.split("_") for member in enumeration.members) if len(name) > 2]
    if not names:
        return "RMQ_"
    word = collections.Counter(name[1] for name in names).most_common(1)[0][0]
    names = [name for name in names if name[1] == word]
    tag = enumeration.tag.upper().split("_")
    length = 2
    while tag[:length] == names[0][:length] and length < len(tag) and all(
            len(name) > length + 1 and name[length] == tag[length] for name in names):
        length += 1
    return "_".join(names[0][:length]) + "_"


def own_name(enumeration, member):
    """The name of a member in its type: "FLUSH_DISK_TIMEOUT"; "OK" of RMQ_OK, whatever its group."""
    prefix = group(enumeration)
    name = member.name.removeprefix(prefix if member.name.startswith(prefix) else "RMQ_")
    return name if name[0].isalpha() else "N" + name


def camel(words, whole=()):
    """Words "send_status" as "SendStatus"; those of `whole` stay in capitals."""
    return "".join(word.upper() if word.lower() in whole else word.capitalize() for word in words.split("_") if word)


def description(enumeration):
    """What a type is, in one paragraph."""
    return f"{sentence(enumeration.comment)} In C: {group(enumeration)}.".lstrip()


def sentence(comment):
    """A comment of the header with a capital at its beginning and a full stop at its end."""
    if not comment:
        return ""
    return comment[0].upper() + comment[1:] + ("" if comment[-1] in ".?!" else ".")


def comment_lines(text, lead, width=120):
    """The text as lines of comment; `lead` is what each of them begins with."""
    return textwrap.wrap(text, width, initial_indent=lead, subsequent_indent=lead, break_long_words=False,
                         break_on_hyphens=False)
