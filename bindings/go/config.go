package rocketmqc

import (
	"runtime"
	"strings"
)

// Settings are the options of an object: Options, or a *Config. Nil: the options of its runtime, and for a runtime the defaults.
// A *Config may have options of other objects too, so that one can serve a runtime, its producers and its consumers.
type Settings interface {
	lend(use func(*ffiConfig) error) error
}

func withConfig(settings Settings, use func(*ffiConfig) error) error {
	if settings == nil {
		return use(nil)
	}
	return settings.lend(use)
}

// Options are names and values of docs/options.md.
type Options map[string]string

func (o Options) lend(use func(*ffiConfig) error) error {
	if o == nil {
		return use(nil)
	}
	config, err := NewConfig("")
	if err != nil {
		return err
	}
	for name, value := range o {
		if err := config.Set(name, value); err != nil {
			return err
		}
	}
	return config.lend(use)
}

// Config is a set of options that can be read, loaded and copied. It belongs to one goroutine at a time.
type Config struct{ handle *ffiConfig }

// NewConfig gives all options at their defaults, or a predefined set: "high_throughput", "low_latency" or "low_memory".
func NewConfig(predefined string) (*Config, error) {
	handle, code, object := rmqConfigNew(optionalTextIn(predefined))
	if code != 0 {
		return nil, takeError(code, object)
	}
	return newConfig(handle), nil
}

func newConfig(handle *ffiConfig) *Config {
	c := &Config{handle}
	runtime.SetFinalizer(c, func(c *Config) { rmqConfigDestroy(c.handle) })
	return c
}

func (c *Config) lend(use func(*ffiConfig) error) error {
	if c == nil {
		return use(nil)
	}
	defer runtime.KeepAlive(c)
	return use(c.handle)
}

// Copy makes an independent copy.
func (c *Config) Copy() (*Config, error) {
	defer runtime.KeepAlive(c)
	handle := rmqConfigCopy(c.handle)
	if handle == nil {
		return nil, readError(int32(CodeMemory), nil)
	}
	return newConfig(handle), nil
}

// Set sets one option.
func (c *Config) Set(name, value string) error {
	defer runtime.KeepAlive(c)
	return takeError(rmqConfigSet(c.handle, textIn(name), textIn(value)))
}

// Reset takes one option back to its default.
func (c *Config) Reset(name string) error {
	defer runtime.KeepAlive(c)
	return takeError(rmqConfigSet(c.handle, textIn(name), ffiText{}))
}

// Get reads one option as text, secrets as "***". It tells false for an option that is not set and has no default.
func (c *Config) Get(name string) (string, bool, error) {
	defer runtime.KeepAlive(c)
	value, code, object := rmqConfigGet(c.handle, textIn(name))
	return value.String(), value.pointer != nil, takeError(code, object)
}

// LoadText sets the options of lines "name = value", all of them or none.
func (c *Config) LoadText(lines string) error { return c.load(LoadText, textIn(lines)) }

// LoadFile sets the options of a file of such lines.
func (c *Config) LoadFile(path string) error { return c.load(LoadFile, textIn(path)) }

// LoadEnvironment sets options from ROCKETMQ_<NAME IN CAPITALS>, and namesrv_addr from NAMESRV_ADDR.
func (c *Config) LoadEnvironment() error { return c.load(LoadEnvironment, ffiText{}) }

func (c *Config) load(source LoadSource, text ffiText) error {
	defer runtime.KeepAlive(c)
	return takeError(rmqConfigLoad(c.handle, int32(source), text))
}

// OptionDescription is what docs/options.md says of one option.
type OptionDescription struct {
	Name       string
	Kind       string // "boolean", "integer", "duration", "size", "text", "secret", "choice", ...
	Unit       string // "ms", "bytes", "MiB"; empty when it has none
	Default    string
	HasDefault bool
	Sentence   string
	Choices    []string // nil unless it is a choice
	Minimum    int64
	Maximum    int64
	Owners     OptionOwner // a sum
	LiveOwners OptionOwner // those whose Update takes it
	IsSecret   bool
	IsCodeOnly bool // no file and no environment sets it
}

// DescribeOptions lists all options.
func DescribeOptions() []OptionDescription {
	var all []OptionDescription
	for {
		view, code := rmqConfigDescribe(len(all))
		if code != 0 {
			return all
		}
		option := OptionDescription{
			Name:       goText(view.name, view.name_bytes),
			Kind:       goText(view.kind, view.kind_bytes),
			Unit:       goText(view.unit, view.unit_bytes),
			Default:    goText(view.default_value, view.default_value_bytes),
			HasDefault: view.default_value != nil,
			Sentence:   goText(view.sentence, view.sentence_bytes),
			Minimum:    int64(view.minimum),
			Maximum:    int64(view.maximum),
			Owners:     OptionOwner(view.owners),
			LiveOwners: OptionOwner(view.live_owners),
			IsSecret:   view.is_secret != 0,
			IsCodeOnly: view.is_code_only != 0,
		}
		if view.choices != nil {
			option.Choices = strings.Split(goText(view.choices, view.choices_bytes), "|")
		}
		all = append(all, option)
	}
}
