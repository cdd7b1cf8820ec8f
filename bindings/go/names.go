package rocketmqc

// LibraryVersion is the version of the library that is loaded; VersionVersion is that of the header.
func LibraryVersion() Version { return Version(rmqVersion()) }

// LibraryVersionText is LibraryVersion as text, for example "0.2.0".
func LibraryVersionText() string { return rmqVersionText() }

// NameOf names a number of a group: "TOO_LARGE" for NameError and CodeTooLarge. "UNKNOWN" for a number without a name.
func NameOf(group NameGroup, number int32) string { return rmqName(int32(group), number) }

// SentenceOf describes a number of a group in one sentence.
func SentenceOf(group NameGroup, number int32) string { return rmqSentence(int32(group), number) }

// Error gives the name of the code.
func (c Code) Error() string { return NameOf(NameError, int32(c)) }

func (c Category) String() string { return NameOf(NameCategory, int32(c)) }

func (o Outcome) String() string { return NameOf(NameOutcome, int32(o)) }

func (r ServerRole) String() string { return NameOf(NameServerRole, int32(r)) }

func (t EventType) String() string { return NameOf(NameEventType, int32(t)) }

func (a Answer) String() string { return NameOf(NameAnswer, int32(a)) }

func (s SendStatus) String() string { return NameOf(NameSendStatus, int32(s)) }

func (l LogLevel) String() string { return NameOf(NameLogLevel, int32(l)) }
